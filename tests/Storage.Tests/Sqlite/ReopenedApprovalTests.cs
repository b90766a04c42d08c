using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class ReopenedApprovalTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Approvals_are_there_again_after_a_restart_with_what_was_decided()
    {
        using var directory = new TestDirectory();
        string before;
        using (var store = directory.Open())
        {
            await FillAsync(store);
            before = await ReadAsync(store);
        }

        using var reopened = directory.Open();

        Assert.Equal(before, await ReadAsync(reopened));
        Assert.Equal("a3", Assert.Single(await reopened.Approvals.ListDueAsync(2_000, 10, Stop)).Id);
        Assert.False((await reopened.Approvals.ResolveAsync("a2", new ApprovalResolution(ApprovalStatus.Rejected, 3_000), Stop))!.Counts);
    }

    private static async Task FillAsync(OpenStore store)
    {
        await store.Runs.AcceptAsync(Samples.Accept("r1"), Stop);
        ApprovalRecord[] approvals = [Samples.Approval("a1"), Samples.Approval("a2"), Samples.Approval("a3") with { ExpiresAt = 1_500 }, Samples.Approval("a4")];
        await store.Runs.AppendAsync(
            Samples.Append("r1", 1, Samples.Event("paused")) with { Output = Samples.Output("r1", RunStatus.Paused), Approvals = new ApprovalChanges([.. approvals], []) }, Stop);
        await store.Approvals.ResolveAsync("a2", new ApprovalResolution(ApprovalStatus.Approved, 1_200, "admin", Samples.Json("""{"reason":"fine"}""")), Stop);
        await store.Runs.AppendAsync(Samples.Append("r1", 2, Samples.Event("on")) with { Approvals = new ApprovalChanges([], ["a2"]) }, Stop);
        await store.Approvals.DeleteAsync("a4", Stop);
    }

    private static async Task<string> ReadAsync(OpenStore store) =>
        string.Join('\n', (await store.Approvals.ListAsync(new ApprovalQuery(), Stop)).Approvals.Select(Samples.ToJson));
}
