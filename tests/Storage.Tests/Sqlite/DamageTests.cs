using Cluster.Engine.Errors;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class DamageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("mine")]
    [InlineData("SQLite format 3\0 and then something else that is long enough to look like a page of a database, but is none")]
    public async Task A_file_that_is_no_database_stops_the_start_and_is_left_alone(string contents)
    {
        using var directory = new TestDirectory();
        await File.WriteAllTextAsync(directory.DatabaseFile, contents + new string('x', 5_000), Stop);

        var error = Assert.Throws<InvalidDataException>(directory.Open);

        Assert.Contains($"'{directory.Path}' is damaged or no database", error.Message, StringComparison.Ordinal);
        Assert.Equal(contents + new string('x', 5_000), await File.ReadAllTextAsync(directory.DatabaseFile, Stop));
    }

    [Fact]
    public async Task Damage_in_the_middle_is_told_as_such_when_it_is_met()
    {
        using var directory = new TestDirectory();
        using (var store = directory.Open())
        {
            for (var run = 0; run < 200; run++)
            {
                await store.Runs.AcceptAsync(Samples.Accept($"r{run}"), Stop);
            }
        }

        var bytes = await File.ReadAllBytesAsync(directory.DatabaseFile, Stop);
        Array.Fill(bytes, (byte)0xFF, bytes.Length / 2, bytes.Length / 2);
        await File.WriteAllBytesAsync(directory.DatabaseFile, bytes, Stop);
        using var damaged = directory.Open();

        var error = await Assert.ThrowsAsync<UnavailableException>(async () =>
        {
            for (var run = 0; run < 200; run++)
            {
                await damaged.Runs.ReadAsync($"r{run}", Stop);
            }
        });

        Assert.Contains($"'{directory.Path}' is damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_stops_the_start_and_changes_nothing()
    {
        using var directory = new TestDirectory();
        directory.Open().Dispose();
        directory.Execute("PRAGMA user_version = 1000");

        var error = Assert.Throws<InvalidDataException>(directory.Open);

        Assert.Contains("schema version 1000", error.Message, StringComparison.Ordinal);
        directory.Execute($"PRAGMA user_version = {SqliteMigrator.LatestVersion}");
        using var store = directory.Open();
        Assert.True(await store.Runs.CreateAsync(Samples.Session("s"), Stop));
    }

    [Fact]
    public void A_path_that_is_a_file_is_told_with_the_remedy()
    {
        using var directory = new TestDirectory();
        var path = Path.Combine(directory.Path, "file");
        File.WriteAllText(path, "mine");

        var error = Assert.Throws<UnavailableException>(() => OpenStore.Open(new SqliteStorageOptions { Directory = path }));

        Assert.Contains($"'{path}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Storage:Sqlite:Directory", error.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Fact]
    public void A_directory_that_nobody_can_create_is_told_with_the_remedy()
    {
        var error = Assert.Throws<UnavailableException>(() => OpenStore.Open(new SqliteStorageOptions { Directory = "/proc/cluster-store" }));

        Assert.Contains("'/proc/cluster-store' cannot be opened", error.Message, StringComparison.Ordinal);
    }
}
