using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Storage.Blobs;
using Cluster.Storage.Maintenance;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;
using Cluster.Storage.Tests.Sqlite;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Tests.Maintenance;

public sealed class MediaMaintenanceTests
{
    private static readonly IProgress<StoreProgress> Silent = new Progress<StoreProgress>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_has_the_content_beside_it_and_can_be_worked_with()
    {
        using var directory = new TestDirectory();
        using var restored = new TestDirectory();
        var stored = await FillAsync(directory);
        var file = Path.Combine(directory.Path, "copy.db");

        await Maintain(directory).BackUpAsync(file, Silent, Stop);
        File.Move(file, restored.DatabaseFile);
        Directory.Move($"{file}.media", Path.Combine(restored.Path, "media"));

        Assert.True((await Maintain(restored).CheckAsync(Silent, Stop)).IsSound());
        using var store = restored.Open();
        await using var content = await NewMedia(restored, store.Database).OpenAsync("default", stored.Sha256, Stop);
        Assert.Equal(5_000, content!.Length);
    }

    [Fact]
    public async Task A_check_finds_content_that_is_missing_cut_off_or_left_over()
    {
        using var directory = new TestDirectory();
        await FillAsync(directory);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(directory.Path, "media"), "*", SearchOption.AllDirectories));

        Assert.True((await Maintain(directory).CheckAsync(Silent, Stop)).IsSound());
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "media", "else"), "x", Stop);
        await File.WriteAllTextAsync(file, "cut", Stop);
        var cut = await Maintain(directory).CheckAsync(Silent, Stop);
        File.Delete(file);
        var gone = await Maintain(directory).CheckAsync(Silent, Stop);

        Assert.Contains(cut.Problems, problem => problem.EndsWith("has 3 bytes in place of 5000.", StringComparison.Ordinal));
        Assert.Contains("The file else stands among the content, and nothing leads there.", cut.Problems);
        Assert.Contains(gone.Problems, problem => problem.EndsWith("is not there.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_export_of_a_store_with_content_is_refused()
    {
        using var directory = new TestDirectory();
        await FillAsync(directory);
        using var target = new MemoryStream();

        var refusal = await Assert.ThrowsAsync<ConflictException>(() => Maintain(directory).ExportAsync(target, Silent, Stop));

        Assert.Contains("exports do not hold their content", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, target.Length);
    }

    private static SqliteMaintenance Maintain(TestDirectory directory) => new(directory.Options, TimeProvider.System);

    private static MediaStore NewMedia(TestDirectory directory, SqliteDatabase database) =>
        new(new SqliteMediaIndex(database), new DirectoryBlobs(Path.Combine(directory.Path, "media")), TimeProvider.System, Options.Create(new MediaOptions()));

    private static async Task<MediaReference> FillAsync(TestDirectory directory)
    {
        using var store = directory.Open();
        var stored = await NewMedia(directory, store.Database).PutAsync("default", new MemoryStream(new byte[5_000]), Stop);
        var request = Samples.Request("r1");
        await store.Runs.AcceptAsync(Samples.Accept(request with { Input = request.Input with { Files = [new Media { Id = "f", Content = stored }] } }), Stop);
        return stored;
    }
}

file static class Reports
{
    public static bool IsSound(this StoreReport report) => report.Problems.IsEmpty;
}
