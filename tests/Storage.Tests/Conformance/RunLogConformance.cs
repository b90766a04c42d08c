using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every <see cref="IRunLog"/> does.</summary>
public abstract class RunLogConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_accepted_run_creates_its_session_its_record_and_its_first_event()
    {
        await using var store = await OpenAsync();
        var acceptance = Samples.Accept("r1");

        var accepted = await store.Log.AcceptAsync(acceptance, Stop);

        Assert.Equal(("r1", true), (accepted.RunId, accepted.IsNew));
        Assert.Equal(Samples.ToJson(acceptance.Session), Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
        var record = await store.Records.FindAsync("r1", Stop);
        Assert.Equal(Samples.ToJson(acceptance.Output), Samples.ToJson(record?.Output));
        Assert.Equal(accepted.Sequence, record?.Sequence);
        var log = await store.Log.ReadAsync("r1", Stop);
        Assert.Equal((1, accepted.Sequence), (log?.Generation, log?.Sequence));
        Assert.Equal([Samples.ToJson(acceptance.Event)], Samples.ToJson(log!.Events));
    }

    [Fact]
    public async Task A_run_in_an_existing_session_keeps_what_the_session_has_and_adds_what_it_lacks()
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("s1") with { SessionName = "mine", SessionState = Samples.Json("""{"a":1}""") }, Stop);

        await store.Log.AcceptAsync(Samples.Accept(Samples.Request("r1") with { UserId = "ann" }, at: 2_000), Stop);
        var second = Samples.Request("r2") with { UserId = "ann", Input = new RunInput { InputContent = "second" } };
        await store.Log.AcceptAsync(Samples.Accept(second, at: 3_000), Stop);

        var session = await store.Sessions.FindAsync("s1", Stop);
        Assert.Equal(("mine", "writer", "ann", Samples.Text), (session!.SessionName, session.ComponentId, session.UserId, session.FirstInput));
        Assert.Equal((1_000, 3_000), (session.CreatedAt, session.UpdatedAt));
        Assert.Equal("""{"a":1}""", session.SessionState?.GetRawText());
        Assert.Equal("writer", session.ComponentData?.GetProperty("agent_id").GetString());
    }

    [Fact]
    public async Task A_run_of_another_user_is_forbidden_and_changes_nothing()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept(Samples.Request("r1") with { UserId = "ann" }), Stop);
        var before = Samples.ToJson(await store.Sessions.FindAsync("s1", Stop));

        await Assert.ThrowsAsync<ForbiddenException>(
            () => store.Log.AcceptAsync(Samples.Accept(Samples.Request("r2") with { UserId = "bob", IdempotencyKey = "k" }, at: 9_000), Stop));

        await AssertUnchangedAsync(store, before, "r2");
        var retried = await store.Log.AcceptAsync(Samples.Accept(Samples.Request("r3", "s2") with { UserId = "bob", IdempotencyKey = "k" }), Stop);
        Assert.Equal(("r3", true), (retried.RunId, retried.IsNew));
    }

    [Fact]
    public async Task A_run_of_another_agent_conflicts_and_changes_nothing()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        var before = Samples.ToJson(await store.Sessions.FindAsync("s1", Stop));

        await Assert.ThrowsAsync<ConflictException>(() => store.Log.AcceptAsync(Samples.Accept(Samples.Request("r2") with { AgentId = "critic" }, at: 9_000), Stop));

        await AssertUnchangedAsync(store, before, "r2");
    }

    [Fact]
    public async Task A_run_id_that_is_taken_conflicts_and_changes_nothing_in_either_session()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        await Assert.ThrowsAsync<ConflictException>(() => store.Log.AcceptAsync(Samples.Accept("r1", "s2"), Stop));

        Assert.Null(await store.Sessions.FindAsync("s2", Stop));
        Assert.Equal("s1", (await store.Records.FindAsync("r1", Stop))?.Output.SessionId);
    }

    [Fact]
    public async Task A_known_idempotency_key_of_the_same_agent_and_user_returns_the_earlier_run()
    {
        await using var store = await OpenAsync();
        var request = Samples.Request("r1") with { UserId = "ann", IdempotencyKey = "k" };
        var first = await store.Log.AcceptAsync(Samples.Accept(request), Stop);

        var again = await store.Log.AcceptAsync(Samples.Accept(request with { RunId = "r2", SessionId = "s2" }), Stop);

        Assert.Equal(first with { IsNew = false, OpensSession = false }, again);
        Assert.Null(await store.Log.ReadAsync("r2", Stop));
        Assert.Null(await store.Sessions.FindAsync("s2", Stop));
    }

    [Theory]
    [InlineData("writer", "bob")]
    [InlineData("writer", null)]
    [InlineData("critic", "ann")]
    public async Task An_idempotency_key_of_another_agent_or_user_starts_a_run(string agentId, string? userId)
    {
        await using var store = await OpenAsync();
        var request = Samples.Request("r1") with { UserId = "ann", IdempotencyKey = "k" };
        await store.Log.AcceptAsync(Samples.Accept(request), Stop);

        var other = await store.Log.AcceptAsync(Samples.Accept(request with { RunId = "r2", SessionId = "s2", AgentId = agentId, UserId = userId }), Stop);

        Assert.Equal(("r2", true), (other.RunId, other.IsNew));
    }

    [Fact]
    public async Task An_idempotency_key_without_a_user_is_remembered_too()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept(Samples.Request("r1") with { IdempotencyKey = "k" }), Stop);

        var again = await store.Log.AcceptAsync(Samples.Accept(Samples.Request("r2") with { IdempotencyKey = "k" }), Stop);

        Assert.Equal(("r1", false), (again.RunId, again.IsNew));
    }

    [Fact]
    public async Task Later_runs_have_larger_sequences_across_sessions()
    {
        await using var store = await OpenAsync();

        var first = await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        var second = await store.Log.AcceptAsync(Samples.Accept("r2", "s2"), Stop);
        var third = await store.Log.AcceptAsync(Samples.Accept("r3"), Stop);

        Assert.True(first.Sequence < second.Sequence && second.Sequence < third.Sequence);
    }

    [Fact]
    public async Task Events_of_every_type_come_back_as_exactly_the_same_json()
    {
        await using var store = await OpenAsync();
        var request = Samples.Request("r1") with { Metadata = Samples.Json("""{"z":1,"a":[ 1.50 ]}"""), IdempotencyKey = "kéy🦊" };
        var events = Samples.EveryEvent(request);
        await store.Log.AcceptAsync(Samples.Accept(request), Stop);

        await store.Log.AppendAsync(Samples.Append("r1", 1, events.AsSpan()), Stop);

        var log = await store.Log.ReadAsync("r1", Stop);
        Assert.Equal(Samples.ToJson(events), Samples.ToJson(log!.Events.Skip(1)));
        Assert.Equal(
            RunEventTypes.All.Except([typeof(RunContent), typeof(RunIntermediateContent), typeof(ReasoningContentDelta), typeof(HistoryLoaded)])
                .Select(type => type.Name).Order(StringComparer.Ordinal),
            log.Events.Skip(1).Select(next => next.GetType().Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_large_event_comes_back_whole()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        var large = Samples.Event(string.Concat(Enumerable.Repeat("0123456789🦊", 100_000)));

        await store.Log.AppendAsync(Samples.Append("r1", 1, large), Stop);

        Assert.Equal(large, (await store.Log.ReadAsync("r1", Stop))?.Events[1]);
    }

    [Fact]
    public async Task Appends_follow_one_another()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        await store.Log.AppendAsync(Samples.Append("r1", 1, Samples.Event("a"), Samples.Event("b")), Stop);
        await store.Log.AppendAsync(Samples.Append("r1", 3, Samples.Event("c")), Stop);

        var log = await store.Log.ReadAsync("r1", Stop);
        Assert.Equal(["a", "b", "c"], log!.Events.Skip(1).Cast<AttemptFailed>().Select(next => next.Error));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(0)]
    public async Task An_append_that_is_not_at_the_end_is_refused_and_changes_nothing(int position)
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        await store.Log.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")), Stop);
        var before = Samples.ToJson(await store.Sessions.FindAsync("s1", Stop));

        var late = Samples.Append("r1", position, Samples.Event("late")) with
        {
            Output = Samples.Output("r1", RunStatus.Error),
            Session = new SessionPatch { SessionName = "late", UpdatedAt = 9_000 },
        };
        await Assert.ThrowsAsync<FencedException>(() => store.Log.AppendAsync(late, Stop));

        Assert.Equal(2, (await store.Log.ReadAsync("r1", Stop))?.Events.Length);
        Assert.Equal(RunStatus.Pending, (await store.Records.FindAsync("r1", Stop))?.Output.Status);
        Assert.Equal(before, Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
    }

    [Fact]
    public async Task A_higher_generation_takes_over_and_fences_the_lower_one_off()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        await store.Log.AppendAsync(Samples.Append("r1", 1, new RunTakenOver(5)) with { Generation = 5 }, Stop);
        await Assert.ThrowsAsync<FencedException>(() => store.Log.AppendAsync(Samples.Append("r1", 2, Samples.Event("old")) with { Generation = 4 }, Stop));
        await store.Log.AppendAsync(Samples.Append("r1", 2, Samples.Event("new")) with { Generation = 5 }, Stop);

        var log = await store.Log.ReadAsync("r1", Stop);
        Assert.Equal((5, 3), (log?.Generation, log?.Events.Length));
    }

    [Fact]
    public async Task A_higher_generation_at_a_taken_position_does_not_take_over()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        await Assert.ThrowsAsync<FencedException>(() => store.Log.AppendAsync(Samples.Append("r1", 0, new RunTakenOver(2)) with { Generation = 2 }, Stop));

        await store.Log.AppendAsync(Samples.Append("r1", 1, Samples.Event("still mine")), Stop);
        Assert.Equal(1, (await store.Log.ReadAsync("r1", Stop))?.Generation);
    }

    [Fact]
    public async Task An_append_without_events_still_takes_over_and_replaces_the_record()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        await store.Log.AppendAsync(Samples.Append("r1", 1) with { Generation = 2, Output = Samples.Output("r1", RunStatus.Running) }, Stop);

        Assert.Equal(2, (await store.Log.ReadAsync("r1", Stop))?.Generation);
        Assert.Equal(RunStatus.Running, (await store.Records.FindAsync("r1", Stop))?.Output.Status);
    }

    [Fact]
    public async Task An_append_to_a_run_that_does_not_exist_is_refused()
    {
        await using var store = await OpenAsync();

        await Assert.ThrowsAsync<NotFoundException>(() => store.Log.AppendAsync(Samples.Append("nobody", 0, Samples.Event("a")), Stop));

        Assert.Null(await store.Log.ReadAsync("nobody", Stop));
    }

    [Fact]
    public async Task An_append_changes_the_session_with_it()
    {
        await using var store = await OpenAsync();
        var acceptance = Samples.Accept("r1");
        await store.Log.AcceptAsync(acceptance, Stop);
        var patch = new SessionPatch { SessionName = "n", SessionState = Samples.Json("""{"b":2}"""), Metrics = new() { TotalTokens = 7 }, UpdatedAt = 2_000 };

        await store.Log.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")) with { Session = patch }, Stop);

        Assert.Equal(Samples.ToJson(patch.ApplyTo(acceptance.Session)), Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
    }

    [Fact]
    public async Task Costs_of_runs_add_up_by_use_and_model()
    {
        await using var store = await OpenAsync();
        var first = Samples.Costs("m", 3).Add(Samples.Costs("n", 5) with { CacheWriteTokens = 2 });
        var second = Samples.Costs("o", 11) with { ReasoningTokens = 1, Cost = 0.0015m };
        var third = Samples.Costs("n", 7).Add(Samples.Costs("m", 1)) with { Cost = 0.00025m };
        third = third with { Details = third.Details!.Add("memory", [new() { Id = "m", Provider = "OpenAI", InputTokens = 9 }]) };
        var append = Samples.Append("r1", 1, Samples.Event("a"));
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        await store.Log.AppendAsync(append with { Session = new SessionPatch { Costs = first, UpdatedAt = 2_000 } }, Stop);
        await store.Log.AppendAsync(append with { Position = 2, Session = new SessionPatch { Costs = RunMetrics.None, UpdatedAt = 2_001 } }, Stop);
        await store.Log.AppendAsync(append with { Position = 3, Session = new SessionPatch { Costs = second, UpdatedAt = 2_002 } }, Stop);
        await store.Sessions.UpdateAsync("s1", new SessionPatch { Costs = third, UpdatedAt = 2_003 }, Stop);

        var expected = RunMetrics.None.Add(first).Add(RunMetrics.None).Add(second).Add(third);
        Assert.Equal(Samples.ToJson(expected), Samples.ToJson((await store.Sessions.FindAsync("s1", Stop))?.Metrics));
        Assert.Equal(["m", "n", "o"], expected.Details!["model"].Select(model => model.Id));
    }

    [Fact]
    public async Task Sums_that_grow_too_large_stay_at_the_largest_number_and_hide_nothing()
    {
        await using var store = await OpenAsync();
        var costs = Samples.Costs("m", long.MaxValue) with { TotalTokens = long.MaxValue - 1, Cost = decimal.MaxValue };
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        await store.Log.AcceptAsync(Samples.Accept("r2", "s2"), Stop);

        for (var position = 1; position < 5; position++)
        {
            await store.Log.AppendAsync(Samples.Append("r1", position, Samples.Event("a")) with { Session = new SessionPatch { Costs = costs, UpdatedAt = 2_000 } }, Stop);
        }

        var metrics = (await store.Sessions.FindAsync("s1", Stop))!.Metrics!;
        Assert.Equal((long.MaxValue, long.MaxValue, decimal.MaxValue), (metrics.InputTokens, metrics.TotalTokens, metrics.Cost));
        Assert.Equal(long.MaxValue, Assert.Single(metrics.Details!["model"]).InputTokens);
        Assert.Equal(2, (await store.Sessions.ListAsync(new SessionQuery(), Stop)).Sessions.Length);
    }

    [Fact]
    public async Task Logs_of_several_runs_are_read_in_one_question()
    {
        await using var store = await OpenAsync();
        string[] runs = ["r1", "r2", "r3"];
        foreach (var run in runs)
        {
            await store.Log.AcceptAsync(Samples.Accept(run), Stop);
            await store.Log.AppendAsync(Samples.Append(run, 1, Samples.Event(run), Samples.Event("last")), Stop);
        }

        var logs = await store.Log.ReadAsync(["r3", "nowhere", "r1", "r3"], Stop);

        Assert.Equal(["r1", "r3"], logs.Keys.Order(StringComparer.Ordinal));
        foreach (var (run, log) in logs)
        {
            var single = await store.Log.ReadAsync(run, Stop);
            Assert.Equal((single!.Generation, single.Sequence), (log.Generation, log.Sequence));
            Assert.Equal(Samples.ToJson(single.Events), Samples.ToJson(log.Events));
        }

        Assert.Empty(await store.Log.ReadAsync(System.Collections.Immutable.ImmutableArray<string>.Empty, Stop));
    }

    [Fact]
    public async Task Costs_that_end_at_the_same_time_are_all_counted()
    {
        await using var store = await OpenAsync();
        var runs = Enumerable.Range(0, 20).Select(number => $"r{number}").ToArray();
        await Task.WhenAll(runs.Select(run => store.Log.AcceptAsync(Samples.Accept(run), Stop)));

        await Task.WhenAll(runs.Select(run => store.Log.AppendAsync(
            Samples.Append(run, 1, Samples.Event("a")) with { Session = new SessionPatch { Costs = Samples.Costs("m", 1), UpdatedAt = 2_000 } }, Stop)));

        Assert.Equal(20, (await store.Sessions.FindAsync("s1", Stop))?.Metrics?.InputTokens);
    }

    [Fact]
    public async Task Costs_of_an_append_that_is_refused_are_not_counted()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        await Assert.ThrowsAsync<FencedException>(() => store.Log.AppendAsync(
            Samples.Append("r1", 2, Samples.Event("a")) with { Session = new SessionPatch { Costs = Samples.Costs("m", 1), UpdatedAt = 2_000 } }, Stop));

        Assert.Null((await store.Sessions.FindAsync("s1", Stop))?.Metrics);
    }

    [Fact]
    public async Task Only_the_run_that_creates_its_session_opens_it()
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("made"), Stop);

        var first = await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        var second = await store.Log.AcceptAsync(Samples.Accept("r2"), Stop);
        var inMade = await store.Log.AcceptAsync(Samples.Accept("r3", "made"), Stop);
        await store.Sessions.DeleteAsync(["s1"], userId: null, Stop);
        var again = await store.Log.AcceptAsync(Samples.Accept("r4"), Stop);

        Assert.Equal([true, false, false, true], new[] { first, second, inMade, again }.Select(accepted => accepted.OpensSession));
    }

    [Fact]
    public async Task Unfinished_runs_are_listed_in_the_order_in_which_they_were_accepted()
    {
        await using var store = await OpenAsync();
        var statuses = new[] { RunStatus.Pending, RunStatus.Completed, RunStatus.Running, RunStatus.Paused, RunStatus.Error, RunStatus.Cancelled, RunStatus.Pending };
        for (var index = statuses.Length - 1; index >= 0; index--)
        {
            await store.Log.AcceptAsync(Samples.Accept($"r{index}", $"s{index % 2}"), Stop);
            await store.Log.AppendAsync(Samples.Append($"r{index}", 1) with { Output = Samples.Output($"r{index}", statuses[index], $"s{index % 2}") }, Stop);
        }

        await store.Log.AcceptAsync(Samples.Accept("r9", "s9"), Stop);

        var unfinished = await store.Log.ListUnfinishedAsync(cancellationToken: Stop);

        Assert.Equal([("r6", "s0"), ("r2", "s0"), ("r0", "s0"), ("r9", "s9")], unfinished.Select(run => (run.RunId, run.SessionId)));
        Assert.Equal(unfinished[..3], await store.Log.ListUnfinishedAsync("s0", Stop));
        Assert.Empty(await store.Log.ListUnfinishedAsync("s1", Stop));
        Assert.Empty(await store.Log.ListUnfinishedAsync("unknown", Stop));
        Assert.Equal((await store.Log.ReadAsync("r2", Stop))?.Sequence, unfinished[1].Sequence);
    }

    [Fact]
    public async Task Unfinished_runs_of_a_session_with_a_long_id_are_found()
    {
        await using var store = await OpenAsync();
        var sessionId = new string('s', 1_000);
        await store.Log.AcceptAsync(Samples.Accept("r1", sessionId), Stop);

        Assert.Equal("r1", Assert.Single(await store.Log.ListUnfinishedAsync(sessionId, Stop)).RunId);
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract Task<StoreUnderTest> OpenAsync();

    private static async Task AssertUnchangedAsync(StoreUnderTest store, string sessionBefore, string refusedRunId)
    {
        Assert.Equal(sessionBefore, Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
        Assert.Null(await store.Log.ReadAsync(refusedRunId, Stop));
        Assert.Null(await store.Records.FindAsync(refusedRunId, Stop));
        Assert.Single(await store.Records.ListAsync(new RunQuery("s1"), Stop));
    }
}
