using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Storage.Tests.Maintenance;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every store that takes runs away promises.</summary>
public abstract class RetentionConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected abstract Task<RetentionUnderTest> OpenAsync();

    [Fact]
    public async Task Runs_that_are_old_enough_go_with_their_events_and_their_session()
    {
        await using var store = await OpenAsync();
        await RunAsync(store, "old", "s1", at: 1_000);
        await RunAsync(store, "older", "s1", at: 900);
        await RunAsync(store, "young", "s2", at: 3_000);

        var taken = await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000 });

        Assert.Equal((2, 1), taken);
        Assert.Null(await store.Log.ReadAsync("old", Stop));
        Assert.Null(await store.Sessions.FindAsync("s1", Stop));
        Assert.Equal(3, (await store.Log.ReadAsync("young", Stop))!.Events.Length);
    }

    [Fact]
    public async Task A_session_that_goes_on_keeps_what_is_young()
    {
        await using var store = await OpenAsync();
        await RunAsync(store, "old", "s", at: 1_000);
        await RunAsync(store, "young", "s", at: 3_000);

        Assert.Equal((1, 0), await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000 }));
        Assert.Equal(["young"], await RunsAsync(store, "s"));
    }

    [Fact]
    public async Task What_is_unfinished_or_paused_stays_however_old_it_is()
    {
        await using var store = await OpenAsync();
        await FilledStore.AcceptAsync(store.Log, Samples.Request("pending", "s1"), at: 1);
        await FilledStore.PauseAsync(store.Log, Samples.Request("paused", "s2"), at: 1);
        await FilledStore.AcceptAsync(store.Log, Samples.Request("running", "s3"), at: 1);
        await store.Log.AppendAsync(Samples.Append("running", 1, Samples.Event("x")) with { Output = Samples.Output("running", RunStatus.Running, "s3") }, Stop);
        await RunAsync(store, "done", "s2", at: 1);

        Assert.Equal((1, 0), await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000 }));
        Assert.Equal((0, 0), await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000 }));
        Assert.Equal(["paused"], await RunsAsync(store, "s2"));
        Assert.NotNull(await store.Log.ReadAsync("pending", Stop));
        Assert.NotNull(await store.Log.ReadAsync("running", Stop));
    }

    [Fact]
    public async Task Runs_that_ended_otherwise_than_well_go_too()
    {
        await using var store = await OpenAsync();
        foreach (var status in new[] { RunStatus.Cancelled, RunStatus.Error })
        {
            var id = status.ToString();
            await FilledStore.AcceptAsync(store.Log, Samples.Request(id, "s"), at: 1);
            await store.Log.AppendAsync(Samples.Append(id, 1, Samples.Event("x")) with { Output = Samples.Output(id, status, "s") }, Stop);
        }

        await RunAsync(store, "first", "s", at: 1);
        await FilledStore.AcceptAsync(store.Log, Samples.Request("again", "s"), at: 3_000);
        await store.Log.AppendAsync(Samples.Append("again", 1, Samples.Event("x")) with { Regenerated = "first" }, Stop);

        Assert.Equal((3, 0), await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000 }));
    }

    [Fact]
    public async Task A_team_goes_with_all_its_members_or_not_at_all()
    {
        await using var store = await OpenAsync();
        await FilledStore.CompleteAsync(store.Log, Samples.TeamRequest("team", sessionId: "t"), at: 1);
        await FilledStore.CompleteAsync(store.Log, Samples.TeamRequest("sub", "team", "t"), at: 2);
        await FilledStore.CompleteAsync(store.Log, Samples.MemberRequest("leaf", "sub", sessionId: "t"), at: 3_000);
        await FilledStore.CompleteAsync(store.Log, Samples.TeamRequest("busy", sessionId: "b"), at: 1);
        await FilledStore.AcceptAsync(store.Log, Samples.MemberRequest("at-work", "busy", sessionId: "b"), at: 2);

        Assert.Equal((3, 1), await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000 }));
        Assert.Equal(["busy", "at-work"], await RunsAsync(store, "b"));
        Assert.Null(await store.Log.ReadAsync("leaf", Stop));
    }

    [Fact]
    public async Task The_newest_runs_of_each_session_are_kept_not_counting_those_of_members()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            await RunAsync(store, $"a{i}", "a", at: 1_000 + i);
        }

        await RunAsync(store, "b0", "b", at: 1_000);
        await FilledStore.CompleteAsync(store.Log, Samples.MemberRequest("member", "a4", sessionId: "a"), at: 2_000);

        Assert.Equal((3, 0), await PruneAsync(store, new RetentionQuery { KeepOfSession = 2 }));
        Assert.Equal(["a3", "a4", "member"], await RunsAsync(store, "a"));
        Assert.Equal(["b0"], await RunsAsync(store, "b"));
    }

    [Fact]
    public async Task A_run_goes_only_when_everything_holds_that_is_asked_for()
    {
        await using var store = await OpenAsync();
        await RunAsync(store, "old", "s", at: 1_000);
        await RunAsync(store, "kept", "s", at: 1_001);
        await RunAsync(store, "of another", "other", at: 1_000, agentId: "reader");
        await RunAsync(store, "last of another", "other", at: 1_000, agentId: "reader");

        Assert.Equal((1, 0), await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000, KeepOfSession = 1, ComponentId = "writer" }));
        Assert.Equal(["kept"], await RunsAsync(store, "s"));
        Assert.Equal(2, (await RunsAsync(store, "other")).Count());
    }

    [Fact]
    public async Task The_newest_runs_of_an_agent_are_kept_over_all_its_sessions()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            await RunAsync(store, $"r{i}", $"s{i % 3}", at: 1_000);
            await RunAsync(store, $"x{i}", "x", at: 1_000, agentId: "reader");
        }

        var rounds = new RetentionRounds(store.Retention, TimeProvider.System);
        var query = await rounds.KeepNewestAsync(new RetentionQuery(), "writer", 2, Stop);

        Assert.Equal((4, 1), await PruneAsync(store, query!));
        Assert.Equal(["r4"], await RunsAsync(store, "s1"));
        Assert.Equal(6, (await RunsAsync(store, "x")).Count());
        Assert.Null(await rounds.KeepNewestAsync(new RetentionQuery(), "writer", 3, Stop));
        Assert.Equal(["reader", "writer"], await store.Retention.ListComponentsAsync(Stop));
    }

    [Fact]
    public async Task A_session_that_was_never_used_goes_when_it_has_not_changed_for_long()
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("old"), Stop);
        await store.Sessions.CreateAsync(Samples.Session("renamed"), Stop);
        await store.Sessions.UpdateAsync("renamed", new SessionPatch { SessionName = "x", UpdatedAt = 3_000 }, Stop);

        Assert.Equal((0, 0), await PruneAsync(store, new RetentionQuery { KeepOfSession = 1 }));
        Assert.Equal((0, 1), await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000 }));
        Assert.NotNull(await store.Sessions.FindAsync("renamed", Stop));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Small_steps_get_as_far_as_large_ones_and_counting_says_the_same(int stepSize)
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 30; i++)
        {
            await RunAsync(store, $"r{i}", $"s{i % 4}", at: 1_000 + i);
        }

        await FilledStore.PauseAsync(store.Log, Samples.Request("paused", "s1"), at: 1_000);
        var query = new RetentionQuery { AcceptedBefore = 1_020, StepSize = stepSize };

        Assert.Equal((20, 0), await PruneAsync(store, query with { IsDryRun = true }));
        Assert.Equal((20, 0), await PruneAsync(store, query));
        Assert.Equal((0, 0), await PruneAsync(store, query));
        Assert.Equal((10, 3), await PruneAsync(store, query with { AcceptedBefore = 9_000, IsDryRun = true }));
        Assert.Equal((10, 3), await PruneAsync(store, query with { AcceptedBefore = 9_000 }));
    }

    [Fact]
    public async Task No_step_takes_more_than_asked_for()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 10; i++)
        {
            await RunAsync(store, $"r{i}", i < 5 ? "s" : $"s{i}", at: 1_000);
        }

        var query = new RetentionQuery { AcceptedBefore = 2_000, StepSize = 3 };
        RetentionCursor? at = null;
        do
        {
            var step = await store.Retention.PruneAsync(query, at, Stop);
            Assert.InRange(step.Runs, 0, 3);
            at = step.Next;
        }
        while (at is not null);

        Assert.Empty((await store.Sessions.ListAsync(new SessionQuery(), Stop)).Sessions);
    }

    [Fact]
    public async Task Nothing_is_taken_away_by_a_question_that_keeps_nothing()
    {
        await using var store = await OpenAsync();
        await RunAsync(store, "r", "s", at: 1_000);

        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Retention.PruneAsync(new RetentionQuery(), null, Stop));
        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Retention.PruneAsync(new RetentionQuery { KeepOfSession = 0 }, null, Stop));
        Assert.Equal(["r"], await RunsAsync(store, "s"));
    }

    [Fact]
    public async Task Who_starts_runs_meanwhile_loses_none()
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < 20; i++)
        {
            await RunAsync(store, $"old{i}", $"s{i % 5}", at: 1_000);
        }

        var starting = Task.WhenAll(Enumerable.Range(0, 20).Select(i => RunAsync(store, $"new{i}", $"s{i % 5}", at: 3_000)));
        var taken = await PruneAsync(store, new RetentionQuery { AcceptedBefore = 2_000, StepSize = 2 });
        await starting;

        Assert.Equal(20, taken.Runs);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(3, (await store.Log.ReadAsync($"new{i}", Stop))!.Events.Length);
        }
    }

    private static Task RunAsync(RetentionUnderTest store, string runId, string sessionId, long at, string agentId = "writer") =>
        FilledStore.CompleteAsync(store.Log, Samples.Request(runId, sessionId) with { AgentId = agentId }, at);

    private static async Task<(long Runs, long Sessions)> PruneAsync(RetentionUnderTest store, RetentionQuery query)
    {
        var taken = await new RetentionRounds(store.Retention, TimeProvider.System).PruneAsync(query, TimeSpan.Zero, null, Stop);
        return (taken.Runs, taken.Sessions);
    }

    private static async Task<IEnumerable<string>> RunsAsync(RetentionUnderTest store, string sessionId) =>
        (await store.Records.ListAsync(new RunQuery(sessionId), Stop)).Select(run => run.Output.RunId);
}

/// <summary>A store that takes runs away.</summary>
/// <param name="store">The store.</param>
/// <param name="retention">What takes them away.</param>
public sealed class RetentionUnderTest(StoreUnderTest store, IRetentionStore retention) : IAsyncDisposable
{
    public IRunLog Log => store.Log;

    public IRunRecords Records => store.Records;

    public ISessionStore Sessions => store.Sessions;

    public IRetentionStore Retention => retention;

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
