using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Storage.Embedded;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Embedded;

public sealed class ApprovalJournalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approvals_are_there_again_after_a_restart_with_what_was_decided()
    {
        using var directory = new TestDirectory();
        string before;
        await using (var store = directory.Open())
        {
            await FillAsync(store);
            before = await ReadAsync(store);
        }

        await using var reopened = directory.Open();

        Assert.Equal(before, await ReadAsync(reopened));
        Assert.Equal("a3", Assert.Single(await reopened.ListDueAsync(2_000, 10, Stop)).Id);
        Assert.False((await reopened.ResolveAsync("a2", new ApprovalResolution(ApprovalStatus.Rejected, 3_000), Stop))!.Counts);
    }

    [Fact]
    public async Task Compaction_keeps_approvals_and_forgets_the_deleted_ones()
    {
        using var directory = new TestDirectory();
        string before;
        await using (var store = EmbeddedStore.Open(new EmbeddedStorageOptions { Directory = directory.Path, SegmentBytes = 16 * 1024, CompactionBytes = 64 * 1024 }))
        {
            await FillAsync(store);
            before = await ReadAsync(store);
            for (var i = 0; i < 40; i++)
            {
                await store.AcceptAsync(Samples.Accept($"gone{i}", $"gone{i}"), Stop);
                await store.AppendAsync(Samples.Append($"gone{i}", 1, Samples.Event(new string('x', 4_000))), Stop);
                await store.DeleteAsync([$"gone{i}"], null, Stop);
            }

            await store.WhenCompactedAsync();
            Assert.Equal(before, await ReadAsync(store));
        }

        Assert.True(directory.TotalBytes < 160_000, $"{directory.TotalBytes} bytes: nothing was compacted.");
        await using var reopened = directory.Open();
        Assert.Equal(before, await ReadAsync(reopened));
    }

    private static async Task FillAsync(EmbeddedStore store)
    {
        await store.AcceptAsync(Samples.Accept("r1"), Stop);
        ApprovalRecord[] approvals = [Samples.Approval("a1"), Samples.Approval("a2"), Samples.Approval("a3") with { ExpiresAt = 1_500 }, Samples.Approval("a4")];
        await store.AppendAsync(
            Samples.Append("r1", 1, Samples.Event("paused")) with { Output = Samples.Output("r1", RunStatus.Paused), Approvals = new ApprovalChanges([.. approvals], []) }, Stop);
        await store.ResolveAsync("a2", new ApprovalResolution(ApprovalStatus.Approved, 1_200, "admin", Samples.Json("""{"reason":"fine"}""")), Stop);
        await store.AppendAsync(Samples.Append("r1", 2, Samples.Event("on")) with { Approvals = new ApprovalChanges([], ["a2"]) }, Stop);
        await store.DeleteAsync("a4", Stop);
    }

    private static async Task<string> ReadAsync(EmbeddedStore store) =>
        string.Join('\n', (await store.ListAsync(new ApprovalQuery(), Stop)).Approvals.Select(Samples.ToJson));
}
