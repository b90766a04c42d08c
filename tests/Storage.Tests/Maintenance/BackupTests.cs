using Cluster.Engine.Errors;
using Cluster.Engine.Sessions;
using Cluster.Storage.Maintenance;
using Cluster.Storage.Tests.Conformance;
using Cluster.Storage.Tests.Sqlite;

namespace Cluster.Storage.Tests.Maintenance;

public sealed class BackupTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_that_is_made_while_a_server_writes_holds_everything_that_was_acknowledged_before()
    {
        using var directory = new TestDirectory();
        using var place = new TestDirectory();
        using var served = directory.Open();
        await FilledStore.FillAsync(served.Runs, served.Runs, served.Memories);
        var before = await Contents.ReadAsync(served.Runs);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var writing = WriteAsync(served, over.Token);

        await Maintained.Of(directory).BackUpAsync(Path.Combine(place.Path, "copy"), Maintained.Silent, Stop);
        await over.CancelAsync();
        var written = await writing;

        Assert.True(written > 0);
        File.Move(Path.Combine(place.Path, "copy"), place.DatabaseFile);
        Assert.Empty(await Maintained.Of(place).CheckAsync());
        using var restored = place.Open();
        foreach (var session in (await served.Runs.ListAsync(new SessionQuery(), Stop)).Sessions.Where(session => !session.SessionId.StartsWith("later", StringComparison.Ordinal)))
        {
            Assert.Equal(Samples.ToJson(session), Samples.ToJson(await restored.Runs.FindAsync(session.SessionId, Stop)));
        }

        Assert.True(await restored.Runs.CreateAsync(Samples.Session("after the restore"), Stop));
        Assert.NotEmpty(before);
    }

    [Fact]
    public async Task Only_the_owner_may_read_a_copy_and_nothing_else_is_left()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        using var directory = new TestDirectory();
        using var place = new TestDirectory();
        await Maintained.FillAsync(directory);
        var file = Path.Combine(place.Path, "copy");

        var bytes = await Maintained.Of(directory).BackUpAsync(file, Maintained.Silent, Stop);

        Assert.Equal(bytes, new FileInfo(file).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal([file], Directory.GetFiles(place.Path));
    }

    [Fact]
    public async Task Nothing_is_overwritten()
    {
        using var directory = new TestDirectory();
        await Maintained.FillAsync(directory);

        await Assert.ThrowsAsync<ConflictException>(() => Maintained.Of(directory).BackUpAsync(directory.DatabaseFile, Maintained.Silent, Stop));
        Assert.Empty(await Maintained.Of(directory).CheckAsync());
    }

    [Fact]
    public async Task A_backup_that_is_stopped_leaves_no_file()
    {
        using var directory = new TestDirectory();
        using var place = new TestDirectory();
        await Maintained.FillAsync(directory);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Maintained.Of(directory).BackUpAsync(Path.Combine(place.Path, "copy"), Maintained.Silent, new CancellationToken(canceled: true)));
        Assert.Empty(Directory.GetFiles(place.Path));
    }

    [Fact]
    public async Task A_directory_without_a_store_is_no_store()
    {
        using var directory = new TestDirectory();
        var store = Maintained.Of(directory);

        await Assert.ThrowsAsync<UnavailableException>(() => store.BackUpAsync(Path.Combine(directory.Path, "copy"), Maintained.Silent, Stop));
        await Assert.ThrowsAsync<UnavailableException>(() => store.CheckAsync());
        await Assert.ThrowsAsync<UnavailableException>(() => store.CompactAsync(Maintained.Silent, Stop));
        await Assert.ThrowsAsync<UnavailableException>(() => store.ExportAsync());
        Assert.Empty(Directory.GetFiles(directory.Path));
    }

    [Fact]
    public async Task PostgreSQL_is_backed_up_with_its_own_tools() =>
        Assert.Contains("pg_dump", (await Assert.ThrowsAsync<InvalidRequestException>(() =>
            StoreMaintenance.Of("postgres:Host=nowhere", TimeProvider.System).BackUpAsync("file", Maintained.Silent, Stop))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Compacting_gives_back_what_was_deleted_and_is_refused_while_a_server_has_the_store()
    {
        using var directory = new TestDirectory();
        using (var store = directory.Open())
        {
            await FilledStore.FillAsync(store.Runs, store.Runs, store.Memories);
            for (var i = 0; i < 50; i++)
            {
                await store.Runs.CreateAsync(Samples.Session($"large {i}") with { SessionName = new string('x', 20_000) }, Stop);
            }

            await store.Runs.DeleteAsync([.. Enumerable.Range(0, 50).Select(i => $"large {i}")], null, Stop);
            await Assert.ThrowsAsync<UnavailableException>(() => Maintained.Of(directory).CompactAsync(Maintained.Silent, Stop));
        }

        var exported = await Maintained.Of(directory).ExportAsync();
        var (before, after) = await Maintained.Of(directory).CompactAsync(Maintained.Silent, Stop);

        Assert.True(after < before / 2, $"{before} became {after}");
        Assert.Equal(after, new FileInfo(directory.DatabaseFile).Length);
        Assert.Equal(exported, await Maintained.Of(directory).ExportAsync());
    }

    private static async Task<int> WriteAsync(OpenStore store, CancellationToken stop)
    {
        var written = 0;
        do
        {
            await FilledStore.CompleteAsync(store.Runs, Samples.Request($"later {written}", $"later {written}"), at: 5_000);
            written++;
        }
        while (!stop.IsCancellationRequested);

        return written;
    }
}
