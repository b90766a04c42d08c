using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Embedded;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Embedded;

public sealed class CompactionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Compaction_shrinks_the_files_and_keeps_everything()
    {
        using var directory = new TestDirectory();
        using var reference = new TestDirectory();
        string expected;
        await using (var uncompacted = reference.Open())
        {
            await FillAndDeleteAsync(uncompacted);
            expected = await Contents.ReadAsync(uncompacted);
        }

        await using (var store = OpenCompacting(directory))
        {
            await FillAndDeleteAsync(store);
            await store.WhenCompactedAsync();
            Assert.Equal(expected, await Contents.ReadAsync(store));
        }

        Assert.True(directory.TotalBytes < reference.TotalBytes / 2, $"{directory.TotalBytes} of {reference.TotalBytes}");
        Assert.Equal(expected, await directory.ReadAsync());
    }

    [Fact]
    public async Task A_compacted_store_goes_on_where_it_was()
    {
        using var directory = new TestDirectory();
        await using (var store = OpenCompacting(directory))
        {
            await FillAndDeleteAsync(store);
            await store.WhenCompactedAsync();
            await store.AppendAsync(Samples.Append("keep1", 9, Samples.Event("after")) with { Generation = 3 }, Stop);
        }

        await using var reopened = directory.Open();

        var log = await reopened.ReadAsync("keep1", Stop);
        Assert.Equal((3, 10), (log?.Generation, log?.Events.Length));
        Assert.False((await reopened.AcceptAsync(Samples.Accept(Samples.Request("again", "kept") with { IdempotencyKey = "key2" }), Stop)).IsNew);
        Assert.True((await reopened.AcceptAsync(Samples.Accept("more", "kept"), Stop)).Sequence > 60);
    }

    [Fact]
    public async Task Files_that_a_crash_left_during_a_compaction_change_nothing()
    {
        using var directory = new TestDirectory();
        await using (var store = directory.Open())
        {
            await FillAndDeleteAsync(store);
        }

        using var before = directory.Copy();
        await using (var store = OpenCompacting(directory))
        {
            await store.CreateAsync(Samples.Session("trigger"), Stop);
            await store.WhenCompactedAsync();
        }

        var compacted = await directory.ReadAsync();
        Assert.Empty(before.Files.Intersect(directory.Files));
        Array.ForEach(before.Files, file => File.Copy(file, Path.Combine(directory.Path, Path.GetFileName(file))));
        await File.WriteAllBytesAsync(Path.Combine(directory.Path, "journal-000000000999.log.tmp"), [1, 2, 3], Stop);
        await File.WriteAllBytesAsync(Path.Combine(directory.Path, "mine.tmp"), [1], Stop);
        var files = directory.Files.Length;

        Assert.Equal(compacted, await directory.ReadAsync());

        Assert.Equal(files - before.Files.Length - 1, directory.Files.Length);
        Assert.True(File.Exists(Path.Combine(directory.Path, "mine.tmp")));
    }

    [Fact]
    public async Task Reading_and_writing_go_on_while_the_store_is_compacted()
    {
        using var directory = new TestDirectory();
        string expected;
        await using (var store = OpenCompacting(directory))
        {
            await FillAndDeleteAsync(store);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() => WorkAsync(store, worker), Stop)));
            await store.WhenCompactedAsync();
            expected = await Contents.ReadAsync(store);
        }

        Assert.True(string.CompareOrdinal(Path.GetFileName(directory.Files[0]), "journal-000000000020") > 0, "It was compacted often.");
        Assert.Equal(expected, await directory.ReadAsync());
    }

    private static EmbeddedStore OpenCompacting(TestDirectory directory)
    {
        var options = directory.Options;
        options.CompactionBytes = 16 * 1024;
        return EmbeddedStore.Open(options);
    }

    private static async Task WorkAsync(EmbeddedStore store, int worker)
    {
        for (var round = 0; round < 60; round++)
        {
            var (runId, sessionId) = ($"w{worker}-{round}", $"ws{worker}-{round}");
            await store.AcceptAsync(Samples.Accept(runId, sessionId), Stop);
            await store.AppendAsync(Samples.Append(runId, 1, Samples.Event(runId)) with { Output = Samples.Output(runId, RunStatus.Completed, sessionId) }, Stop);
            Assert.Equal(2, (await store.ReadAsync(runId, Stop))!.Events.Length);
            Assert.Equal(9, (await store.ReadAsync("keep1", Stop))!.Events.Length);
            Assert.Equal(["keep0", "keep1", "keep2"], (await store.ListAsync(new RunQuery("kept"), Stop)).Select(run => run.Output.RunId));
            if (round % 10 != 0)
            {
                await store.DeleteAsync([sessionId], null, Stop);
            }
        }
    }

    private static async Task FillAndDeleteAsync(EmbeddedStore store)
    {
        for (var index = 0; index < 60; index++)
        {
            await WriteRunAsync(store, Samples.Request($"r{index}", $"s{index % 20}"));
        }

        for (var index = 0; index < 3; index++)
        {
            await WriteRunAsync(store, Samples.Request($"keep{index}", "kept") with { IdempotencyKey = $"key{index}", Streamed = true });
        }

        await Samples.FillTeamAsync(store);
        await store.UpdateAsync("kept", new SessionPatch { SessionName = Samples.Text, UpdatedAt = 9 }, Stop);
        await store.DeleteAsync([.. Enumerable.Range(0, 20).Select(index => $"s{index}")], null, Stop);
    }

    private static async Task WriteRunAsync(EmbeddedStore store, RunRequest request)
    {
        await store.AcceptAsync(Samples.Accept(request), Stop);
        for (var position = 1; position <= 8; position++)
        {
            var append = Samples.Append(request.RunId, position, Samples.Event($"{position} {Samples.Text}"));
            await store.AppendAsync(append with { Generation = 2, Output = Samples.Output(request, RunStatus.Running) with { Content = Samples.Text } }, Stop);
        }
    }
}
