using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every <see cref="IApprovalStore"/> does, and what an <see cref="IRunLog"/> does to approvals.</summary>
public abstract class ApprovalConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Opens an empty store.</summary>
    protected abstract Task<StoreUnderTest> OpenAsync();

    [Fact]
    public async Task An_approval_is_created_with_the_pause_and_comes_back_as_it_was()
    {
        await using var store = await OpenAsync();

        await PauseAsync(store, Samples.Approval("a1"));

        Assert.Equal(Samples.ToJson(Samples.Approval("a1") with { RunStatus = RunStatus.Paused }), Samples.ToJson(await store.Approvals.FindAsync("a1", Stop)));
        Assert.Null(await store.Approvals.FindAsync("a2", Stop));
    }

    [Fact]
    public async Task A_pause_that_is_refused_creates_no_approval()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        await Assert.ThrowsAsync<FencedException>(() => store.Log.AppendAsync(Pause("r1", 7, Samples.Approval("a1")), Stop));
        await Assert.ThrowsAsync<NotFoundException>(() => store.Log.AppendAsync(Pause("nobody", 1, Samples.Approval("a1")), Stop));

        Assert.Null(await store.Approvals.FindAsync("a1", Stop));
    }

    [Fact]
    public async Task Appends_with_and_without_approvals_keep_apart()
    {
        await using var store = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => store.Log.AcceptAsync(Samples.Accept($"r{i}", $"s{i}"), Stop)));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i switch
        {
            _ when i % 3 == 0 => store.Log.AppendAsync(Samples.Append($"r{i}", 1, Samples.Event("x")), Stop),
            _ when i % 3 == 1 => store.Log.AppendAsync(Pause($"r{i}", 1, Samples.Approval($"a{i}", $"r{i}")), Stop),
            _ => Assert.ThrowsAsync<FencedException>(() => store.Log.AppendAsync(Pause($"r{i}", 5, Samples.Approval($"a{i}", $"r{i}")), Stop)),
        }));

        var page = await store.Approvals.ListAsync(new ApprovalQuery(), Stop);
        Assert.Equal(Enumerable.Range(0, 20).Where(i => i % 3 == 1).Select(i => $"a{i}").Order(), page.Approvals.Select(approval => approval.Id).Order());
    }

    [Fact]
    public async Task The_first_decision_stands()
    {
        await using var store = await OpenAsync();
        await PauseAsync(store, Samples.Approval("a1"));
        var data = Samples.Json("""{"reason":"ö🦊 \u0000"}""");

        var first = await store.Approvals.ResolveAsync("a1", new ApprovalResolution(ApprovalStatus.Approved, 2_000, "admin", data), Stop);
        var second = await store.Approvals.ResolveAsync("a1", new ApprovalResolution(ApprovalStatus.Approved, 2_000, "admin", data), Stop);

        var expected = Samples.Approval("a1").With(new ApprovalResolution(ApprovalStatus.Approved, 2_000, "admin", data)) with { RunStatus = RunStatus.Paused };
        Assert.Equal((true, false), (first!.Counts, second!.Counts));
        Assert.All([first.Approval, second.Approval, await store.Approvals.FindAsync("a1", Stop)], approval => Assert.Equal(Samples.ToJson(expected), Samples.ToJson(approval)));
        Assert.Null(await store.Approvals.ResolveAsync("a2", new ApprovalResolution(ApprovalStatus.Approved, 2_000), Stop));
    }

    [Fact]
    public async Task Of_many_decisions_at_once_one_counts()
    {
        await using var store = await OpenAsync();
        await PauseAsync(store, Samples.Approval("a1"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => store.Approvals.ResolveAsync(
            "a1", new ApprovalResolution(i % 2 == 0 ? ApprovalStatus.Approved : ApprovalStatus.Rejected, 2_000, $"u{i}"), Stop)));

        var winner = Assert.Single(outcomes, outcome => outcome!.Counts)!.Approval;
        Assert.All(outcomes, outcome => Assert.Equal(Samples.ToJson(winner), Samples.ToJson(outcome!.Approval)));
    }

    [Fact]
    public async Task A_deadline_ends_the_time_to_decide_and_nothing_expires_before_it()
    {
        await using var store = await OpenAsync();
        await PauseAsync(store, Samples.Approval("a1") with { ExpiresAt = 2_000 });

        Assert.False((await store.Approvals.ResolveAsync("a1", new ApprovalResolution(ApprovalStatus.Expired, 1_999), Stop))!.Counts);
        Assert.False((await store.Approvals.ResolveAsync("a1", new ApprovalResolution(ApprovalStatus.Approved, 2_000), Stop))!.Counts);
        Assert.True((await store.Approvals.ResolveAsync("a1", new ApprovalResolution(ApprovalStatus.Expired, 2_000), Stop))!.Counts);

        Assert.Equal(ApprovalStatus.Expired, (await store.Approvals.FindAsync("a1", Stop))!.Status);
    }

    [Fact]
    public async Task An_approval_without_a_deadline_never_expires()
    {
        await using var store = await OpenAsync();
        await PauseAsync(store, Samples.Approval("a1"));

        Assert.False((await store.Approvals.ResolveAsync("a1", new ApprovalResolution(ApprovalStatus.Expired, long.MaxValue), Stop))!.Counts);
        Assert.Empty(await store.Approvals.ListDueAsync(long.MaxValue, 10, Stop));
    }

    [Fact]
    public async Task What_is_overdue_or_unheard_is_due_until_the_run_has_heard_of_it()
    {
        await using var store = await OpenAsync();
        await PauseAsync(store, Samples.Approval("a1") with { ExpiresAt = 2_000 });
        Assert.Empty(await store.Approvals.ListDueAsync(1_999, 10, Stop));
        Assert.Equal("a1", Assert.Single(await store.Approvals.ListDueAsync(2_000, 10, Stop)).Id);

        await store.Approvals.ResolveAsync("a1", new ApprovalResolution(ApprovalStatus.Expired, 2_000), Stop);
        var unheard = Assert.Single(await store.Approvals.ListDueAsync(2_000, 10, Stop));
        await store.Log.AppendAsync(
            Samples.Append("r1", 2, Samples.Event("on")) with { Output = Samples.Output("r1", RunStatus.Running), Approvals = new ApprovalChanges([], ["a1"]) }, Stop);

        Assert.Equal(RunStatus.Paused, unheard.RunStatus);
        Assert.Empty(await store.Approvals.ListDueAsync(9_000, 10, Stop));
        Assert.Equal(RunStatus.Running, (await store.Approvals.FindAsync("a1", Stop))!.RunStatus);
    }

    [Fact]
    public async Task An_audit_is_never_due()
    {
        await using var store = await OpenAsync();

        await PauseAsync(store, Samples.Approval("a1").With(new ApprovalResolution(ApprovalStatus.Approved, 1_500, "ann")) with { ApprovalType = "audit" });

        Assert.Empty(await store.Approvals.ListDueAsync(9_000, 10, Stop));
    }

    [Fact]
    public async Task Approvals_are_filtered_by_every_member()
    {
        await using var store = await OpenAsync();
        var one = Samples.Approval("a1") with { TeamId = "t", WorkflowId = "w", ScheduleId = "c", SourceType = "team", PauseType = "user_input", ApprovalType = "audit", AgentId = "x", UserId = "bob" };
        await PauseAsync(store, one with { RunId = "r1" });
        await PauseAsync(store, Samples.Approval("a2", "r2"), "r2");

        ApprovalQuery[] queries =
        [
            new() { TeamId = "t" }, new() { WorkflowId = "w" }, new() { ScheduleId = "c" }, new() { SourceType = "team" }, new() { PauseType = "user_input" },
            new() { ApprovalType = "audit" }, new() { AgentId = "x" }, new() { UserId = "bob" }, new() { RunId = "r1" }, new() { Status = "pending", RunId = "r1" },
        ];

        foreach (var query in queries)
        {
            var page = await store.Approvals.ListAsync(query, Stop);
            Assert.Equal((1, "a1"), (page.TotalCount, Assert.Single(page.Approvals).Id));
        }

        Assert.Equal(0, (await store.Approvals.ListAsync(new ApprovalQuery { Status = "approved" }, Stop)).TotalCount);
    }

    [Fact]
    public async Task The_newest_approvals_come_first_page_by_page()
    {
        await using var store = await OpenAsync();
        for (var i = 1; i <= 5; i++)
        {
            await PauseAsync(store, Samples.Approval($"a{i}", $"r{i}", at: i < 3 ? 1_000 : 1_001), $"r{i}");
        }

        var first = await store.Approvals.ListAsync(new ApprovalQuery { Limit = 2 }, Stop);
        var last = await store.Approvals.ListAsync(new ApprovalQuery { Limit = 2, Offset = 4 }, Stop);

        Assert.Equal((5, 5), (first.TotalCount, last.TotalCount));
        Assert.Equal(["a5", "a4", "a1"], [.. first.Approvals.Select(approval => approval.Id), .. last.Approvals.Select(approval => approval.Id)]);
        Assert.Equal(5, (await store.Approvals.ListAsync(new ApprovalQuery { Limit = 0 }, Stop)).TotalCount);
    }

    [Fact]
    public async Task A_deleted_approval_is_gone()
    {
        await using var store = await OpenAsync();
        await PauseAsync(store, Samples.Approval("a1"));

        Assert.True(await store.Approvals.DeleteAsync("a1", Stop));
        Assert.False(await store.Approvals.DeleteAsync("a1", Stop));

        Assert.Null(await store.Approvals.FindAsync("a1", Stop));
        Assert.Equal(0, (await store.Approvals.ListAsync(new ApprovalQuery(), Stop)).TotalCount);
    }

    [Fact]
    public async Task An_approval_outlives_its_session()
    {
        await using var store = await OpenAsync();
        await PauseAsync(store, Samples.Approval("a1"));
        await store.Approvals.ResolveAsync("a1", new ApprovalResolution(ApprovalStatus.Approved, 2_000), Stop);

        await store.Sessions.DeleteAsync(["s1"], null, Stop);

        Assert.Null((await store.Approvals.FindAsync("a1", Stop))!.RunStatus);
        Assert.Empty(await store.Approvals.ListDueAsync(9_000, 10, Stop));
    }

    private static async Task PauseAsync(StoreUnderTest store, ApprovalRecord approval, string runId = "r1")
    {
        await store.Log.AcceptAsync(Samples.Accept(runId), Stop);
        await store.Log.AppendAsync(Pause(runId, 1, approval), Stop);
    }

    private static RunAppend Pause(string runId, int position, params ImmutableArray<ApprovalRecord> approvals) =>
        Samples.Append(runId, position, Samples.Event("paused")) with { Output = Samples.Output(runId, RunStatus.Paused), Approvals = new ApprovalChanges(approvals, []) };
}
