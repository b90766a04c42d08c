using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every store does with runs that other runs start: those of a team's members.</summary>
public abstract class MemberRunsConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_another_run_started_leaves_the_session_exactly_as_it_is(bool isOfTeam)
    {
        await using var store = await OpenWithTeamAsync();
        await store.Sessions.UpdateAsync("s1", new SessionPatch { SessionName = Samples.Text, SessionState = Samples.Json("""{"a":1.50}"""), UpdatedAt = 2_000 }, Stop);
        var before = Samples.ToJson(await store.Sessions.FindAsync("s1", Stop));
        var request = isOfTeam ? Samples.TeamRequest("m1", "t1") : Samples.MemberRequest("m1", "t1");

        var accepted = await store.Log.AcceptAsync(Samples.Accept(request with { UserId = "somebody else" }, at: 9_000), Stop);

        Assert.Equal(("m1", true, false), (accepted.RunId, accepted.IsNew, accepted.OpensSession));
        Assert.Equal(before, Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
        Assert.Equal("t1", (await store.Records.FindAsync("m1", Stop))?.Output.ParentRunId);
        Assert.Single((await store.Log.ReadAsync("m1", Stop))!.Events);
        Assert.Equal(1, (await store.Sessions.ListAsync(new SessionQuery(), Stop)).TotalCount);
    }

    [Fact]
    public async Task A_run_that_another_run_started_fits_into_a_session_that_nothing_has_run_in()
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("s1"), Stop);

        await store.Log.AcceptAsync(Samples.Accept(Samples.MemberRequest("m1", "t1"), at: 9_000), Stop);

        Assert.Equal(Samples.ToJson(Samples.Session("s1")), Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
    }

    [Fact]
    public async Task A_run_that_another_run_started_is_refused_when_the_session_is_gone()
    {
        await using var store = await OpenWithTeamAsync();
        await store.Log.AcceptAsync(Samples.Accept(Samples.MemberRequest("m1", "t1")), Stop);
        await store.Sessions.DeleteAsync(["s1"], userId: null, Stop);

        var refusal = await Assert.ThrowsAsync<NotFoundException>(() => store.Log.AcceptAsync(Samples.Accept(Samples.MemberRequest("m2", "t1")), Stop));
        await Assert.ThrowsAsync<NotFoundException>(() => store.Log.AcceptAsync(Samples.Accept(Samples.MemberRequest("m1", "t1")), Stop));

        Assert.Contains("t1", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await store.Sessions.FindAsync("s1", Stop));
        Assert.Null(await store.Log.ReadAsync("m2", Stop));
        Assert.Empty(await store.Log.ListUnfinishedAsync(cancellationToken: Stop));
    }

    [Fact]
    public async Task Many_members_and_runs_of_other_sessions_are_refused_and_accepted_each_for_itself()
    {
        await using var store = await OpenWithTeamAsync();

        var members = Enumerable.Range(0, 32).Select(index => AcceptAsync(store, Samples.MemberRequest($"m{index}", "t1"))).ToArray();
        var lost = Enumerable.Range(0, 8).Select(index => AcceptAsync(store, Samples.MemberRequest($"l{index}", "t0", sessionId: "gone"))).ToArray();
        var others = Enumerable.Range(0, 8).Select(index => AcceptAsync(store, Samples.Request($"o{index}", $"other{index}"))).ToArray();

        Assert.All(await Task.WhenAll(members), run => Assert.True(run is { IsNew: true, OpensSession: false }));
        Assert.All(await Task.WhenAll(others), run => Assert.True(run is { IsNew: true, OpensSession: true }));
        foreach (var run in lost)
        {
            await Assert.ThrowsAsync<NotFoundException>(() => run);
        }

        Assert.Equal(32, (await store.Records.ListAsync(new RunQuery("s1") { ParentRunId = "t1" }, Stop)).Length);
    }

    [Fact]
    public async Task A_member_that_is_asked_for_again_is_the_run_that_is_known()
    {
        await using var store = await OpenWithTeamAsync();
        var request = Samples.MemberRequest("m1", "t1");
        var first = await store.Log.AcceptAsync(Samples.Accept(request), Stop);
        var before = Samples.ToJson(await store.Sessions.FindAsync("s1", Stop));

        var again = await store.Log.AcceptAsync(Samples.Accept(request, at: 9_000), Stop);
        await Assert.ThrowsAsync<ConflictException>(() => store.Log.AcceptAsync(Samples.Accept(request with { IdempotencyKey = null }), Stop));

        Assert.Equal(first with { IsNew = false }, again);
        Assert.Equal(before, Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
    }

    [Fact]
    public async Task Unfinished_runs_name_the_run_that_started_them()
    {
        await using var store = await OpenWithTeamAsync();
        await store.Log.AcceptAsync(Samples.Accept(Samples.MemberRequest("m1", "t1")), Stop);
        await store.Log.AcceptAsync(Samples.Accept(Samples.MemberRequest("m2", "t1")), Stop);
        await store.Log.AppendAsync(Samples.Append("m1", 1, Samples.Event("on")) with { Output = Samples.Output(Samples.MemberRequest("m1", "t1"), RunStatus.Running) }, Stop);
        await store.Log.AppendAsync(Samples.Append("m2", 1) with { Output = Samples.Output(Samples.MemberRequest("m2", "t1"), RunStatus.Completed) }, Stop);

        var unfinished = await store.Log.ListUnfinishedAsync(cancellationToken: Stop);

        Assert.Equal([("t1", null), ("m1", "t1")], unfinished.Select(run => (run.RunId, run.ParentRunId)));
        Assert.Equal(unfinished, await store.Log.ListUnfinishedAsync("s1", Stop));
    }

    [Fact]
    public async Task Runs_are_listed_by_component_and_by_the_run_that_started_them()
    {
        await using var store = await OpenWithTeamAsync();
        RunRequest[] requests =
        [
            Samples.MemberRequest("r1", "t1"), Samples.MemberRequest("w1", "t1", "writer"), Samples.TeamRequest("sub", "t1"), Samples.MemberRequest("r2", "sub"),
            Samples.TeamRequest("t2"), Samples.MemberRequest("r3", "t2"), Samples.TeamRequest("elsewhere", sessionId: "s2"), Samples.MemberRequest("r4", "t1", sessionId: "s2"),
        ];
        foreach (var request in requests)
        {
            await store.Log.AcceptAsync(Samples.Accept(request), Stop);
            await store.Log.AppendAsync(
                Samples.Append(request.RunId, 1) with { Output = Samples.Output(request, request.RunId == "r3" ? RunStatus.Error : RunStatus.Completed) }, Stop);
        }

        var query = new RunQuery("s1");
        Assert.Equal(["r1", "w1", "sub"], await ListAsync(store, query with { ParentRunId = "t1" }));
        Assert.Equal(["w1", "sub"], await ListAsync(store, query with { ParentRunId = "t1", Last = 2 }));
        Assert.Equal(["r2"], await ListAsync(store, query with { ParentRunId = "sub", ComponentId = "reader" }));
        Assert.Equal(["r4"], await ListAsync(store, new RunQuery("s2") { ParentRunId = "t1" }));
        Assert.Empty(await ListAsync(store, query with { ParentRunId = "nobody" }));
        Assert.Empty(await ListAsync(store, query with { ParentRunId = "t1", TopLevelOnly = true }));
        Assert.Equal(["r1", "r2", "r3"], await ListAsync(store, query with { ComponentId = "reader" }));
        Assert.Equal(["r1", "r2"], await ListAsync(store, query with { ComponentId = "reader", Status = RunStatus.Completed, Last = 2 }));
        Assert.Equal(["r1"], await ListAsync(store, query with
        {
            ComponentId = "reader",
            Status = RunStatus.Completed,
            Before = (await store.Records.FindAsync("r2", Stop))!.Sequence,
            Last = 2,
        }));
        Assert.Equal(["t1", "t2"], await ListAsync(store, query with { ComponentId = "desk" }));
        Assert.Empty(await ListAsync(store, query with { ComponentId = "nobody" }));
        Assert.Equal(["t1", "t2"], await ListAsync(store, query with { TopLevelOnly = true }));
        Assert.Equal(["r1", "w1", "sub", "r2", "r3"], await ListAsync(store, query with { MembersOnly = true }));
    }

    [Fact]
    public async Task What_was_asked_of_a_team_and_what_it_amounts_to_come_back_as_they_were()
    {
        await using var store = await OpenWithTeamAsync();
        var request = Samples.TeamRequest("m1", "t1") with { Teams = ["desk", Samples.Text], IdempotencyKey = Samples.Text.Replace("\0", "", StringComparison.Ordinal) };
        var acceptance = Samples.Accept(request);
        var output = acceptance.Output with
        {
            Status = RunStatus.Paused,
            MemberCosts = Samples.Costs("m", 7) with { Cost = 0.00025m },
            Requirements = Samples.EveryEvent(request).OfType<RunPaused>().Single().Requirements,
        };

        await store.Log.AcceptAsync(acceptance, Stop);
        await store.Log.AppendAsync(Samples.Append("m1", 1, Samples.Event("pause")) with { Output = output }, Stop);

        Assert.Equal(Samples.ToJson(acceptance.Event), Samples.ToJson((await store.Log.ReadAsync("m1", Stop))!.Events[0]));
        var record = (await store.Records.FindAsync("m1", Stop))!.Output;
        Assert.Equal(Samples.ToJson(output), Samples.ToJson(record));
        Assert.Equal((null, "sub-desk", Samples.Text, "member"), (record.AgentId, record.TeamId, record.TeamName, record.Requirements!.Value[^1].MemberRunId));
    }

    [Fact]
    public async Task A_thousand_members_are_listed_and_their_logs_are_read()
    {
        const int Members = 1_000;
        await using var store = await OpenWithTeamAsync();
        await Parallel.ForAsync(0, Members, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Stop }, async (index, cancellationToken) =>
        {
            var request = Samples.MemberRequest($"m{index}", "t1", $"member{index % 10}");
            await store.Log.AcceptAsync(Samples.Accept(request), cancellationToken);
            await store.Log.AppendAsync(
                Samples.Append(request.RunId, 1, Samples.Event($"{index}")) with { Output = Samples.Output(request, RunStatus.Completed) }, cancellationToken);
        });
        await store.Log.AcceptAsync(Samples.Accept(Samples.MemberRequest("other", "t2")), Stop);

        var members = await store.Records.ListAsync(new RunQuery("s1") { ParentRunId = "t1" }, Stop);

        Assert.Equal(Members, members.DistinctBy(run => run.Output.RunId).Count());
        Assert.Equal(members.OrderBy(run => run.Sequence), members);
        foreach (var member in members)
        {
            var log = await store.Log.ReadAsync(member.Output.RunId, Stop);
            Assert.Equal((member.Sequence, Samples.Event(member.Output.RunId[1..])), (log!.Sequence, log.Events[1]));
        }

        Assert.Equal(100, (await store.Records.ListAsync(new RunQuery("s1") { ComponentId = "member3", Status = RunStatus.Completed }, Stop)).Length);
    }

    [Fact]
    public async Task A_copied_session_has_the_members_of_its_teams()
    {
        await using var store = await OpenAsync();
        RunRequest[] requests = [Samples.TeamRequest("t1"), Samples.MemberRequest("m1", "t1"), Samples.MemberRequest("m2", "t1", "writer")];
        var runs = requests.Select(request => new RunCopy(
            Samples.Output(request, RunStatus.Completed), 2, [new RunAccepted(request), .. Samples.EveryEvent(request).Where(next => next is not RunAccepted)]));

        await store.Copies.CreateAsync(new SessionCopy(Samples.Session("s1") with { SessionType = SessionType.Team, ComponentId = "desk" }, [.. runs]), Stop);

        Assert.Equal(["m1", "m2"], await ListAsync(store, new RunQuery("s1") { ParentRunId = "t1" }));
        Assert.Equal(["t1"], await ListAsync(store, new RunQuery("s1") { TopLevelOnly = true }));
        Assert.Equal(["m2"], await ListAsync(store, new RunQuery("s1") { ComponentId = "writer", Status = RunStatus.Completed }));
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract Task<StoreUnderTest> OpenAsync();

    /// <summary>Refusals come with the task, whatever the store.</summary>
    private static async Task<AcceptedRun> AcceptAsync(StoreUnderTest store, RunRequest request) => await store.Log.AcceptAsync(Samples.Accept(request), Stop);

    private static async Task<IEnumerable<string>> ListAsync(StoreUnderTest store, RunQuery query) =>
        (await store.Records.ListAsync(query, Stop)).Select(run => run.Output.RunId);

    private async Task<StoreUnderTest> OpenWithTeamAsync()
    {
        var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept(Samples.TeamRequest("t1")), Stop);
        return store;
    }
}
