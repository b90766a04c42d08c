using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Json;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class LogReplayTests
{
    private static readonly Agent Worker = new()
    {
        Name = "Worker",
        Tools = [Tool.Create(() => "looked", new ToolOptions { Name = "look" }), Tool.Create(() => "deleted", new ToolOptions { Name = "delete", RequiresConfirmation = true })],
        History = new HistorySettings { AddToContext = true },
        Retry = new RetrySettings { Retries = 1, Delay = TimeSpan.Zero },
    };

    [Fact]
    public async Task The_log_replays_exactly_the_frames_that_were_streamed()
    {
        await using var engine = new TestEngine(Worker, time: new ManualTime());
        var runId = await RunEverythingAsync(engine);

        var live = await engine.EventsAsync(runId);
        var replayed = RunEventLog.ToPublic(await engine.LogAsync(runId));

        Assert.Contains("RunContinued", live.Names());
        Assert.Equal(live.Select(Frames.Write), replayed.Select(Frames.Write));
        Builders.AssertGapless(live);
    }

    [Fact]
    public async Task The_log_of_a_cancelled_run_replays_the_frames_that_were_streamed()
    {
        await using var engine = new TestEngine(new Agent(), time: new ManualTime());
        var runId = await engine.StartAsync();
        (await engine.Model.NextCallAsync()).Think("hm").Say("par", "tial");
        await engine.Host.ReadEventsAsync(runId, afterIndex: 3, Patience.Token).FirstAsync(Patience.Token);
        await engine.Host.CancelAsync(runId, Patience.Token);
        var live = await engine.EventsAsync(runId);

        Assert.Equal(live.Select(Frames.Write), RunEventLog.ToPublic(await engine.LogAsync(runId)).Select(Frames.Write));
    }

    [Fact]
    public async Task The_state_is_a_fold_over_the_log_at_every_committed_event()
    {
        await using var engine = new TestEngine(Worker, time: new ManualTime());
        var owner = NewOwner(engine, await AcceptAsync(engine));
        engine.Model.Answer(call => call.Say("let me ").Use("look", id: "c1").Use("delete", id: "c2").Cost(1, 2).End()).Answer("done");

        await owner.TurnAsync(Patience.Token);
        await AssertSameAsync(engine, owner);
        await owner.ContinueAsync(Answers.Check(owner.State, [owner.State.Output.Tools!.Value[^1] with { Confirmed = true }]));
        await AssertSameAsync(engine, owner);
        await owner.TurnAsync(Patience.Token);
        await AssertSameAsync(engine, owner);
        Assert.Equal(RunStatus.Completed, owner.State.Output.Status);
    }

    [Fact]
    public async Task Every_event_of_a_log_survives_the_way_through_json()
    {
        await using var engine = new TestEngine(Worker);
        var log = await engine.LogAsync(await RunEverythingAsync(engine));

        var json = log.Select(Frames.Write).ToArray();

        Assert.Equal(json, json.Select(Frames.Read).Select(Frames.Write));
        Assert.Equal(log.Select(next => next.GetType()), json.Select(Frames.Read).Select(next => next.GetType()));
    }

    [Fact]
    public async Task A_run_continues_from_a_log_that_went_through_json()
    {
        await using var engine = new TestEngine(Worker with { Retry = RetrySettings.Default });
        engine.Model.Answer(call => call.Use("delete", id: "c2").End());
        var paused = await engine.RunAsync();
        var log = (await engine.LogAsync(paused.RunId)).Select(Frames.Write).Select(Frames.Read);
        await using var next = new TestEngine(Worker, await CrashScene.StoreAsync([.. log]));
        next.Model.Answer("done");

        var run = await next.ContinueAsync(paused.RunId, paused.Tools!.Value[0] with { Confirmed = true });

        Assert.Equal("done", run.Content?.Text);
        Assert.Equal("deleted", run.Tools!.Value[0].Result);
    }

    /// <summary>A run with history, a failed attempt, tools, a pause and reasoning.</summary>
    private static async Task<string> RunEverythingAsync(TestEngine engine)
    {
        engine.Model.Answer("earlier");
        await engine.RunAsync("before");
        engine.Model
            .Answer(call => call.Say("oops").Fail(new IOException("broken")))
            .Answer(call => call.Think("I should ").Think("look").Say("Let me ", "see. ").Use("look", id: "c1").Use("delete", new { path = "/ä" }, "c2").Cost(3, 4).End())
            .Answer("It is ", "done 😀.");
        var paused = await engine.RunAsync("now");
        Assert.Equal(RunStatus.Paused, paused.Status);
        var run = await engine.ContinueAsync(paused.RunId, paused.Tools!.Value.Single(tool => tool.IsWaiting) with { Confirmed = true });
        Assert.Equal(RunStatus.Completed, run.Status);
        return run.RunId;
    }

    private static async Task<RunState> AcceptAsync(TestEngine engine)
    {
        var request = engine.NewRequest();
        var accepted = new RunAccepted(request) { CreatedAt = engine.Time.GetUtcNow().ToUnixTimeSeconds() };
        var state = RunState.Empty.Apply(accepted);
        var recorded = await engine.Store.AcceptAsync(new RunAcceptance(accepted, state.Output, new Sessions.SessionRecord { SessionId = request.SessionId }));
        return state with { Sequence = recorded.Sequence };
    }

    private static RunOwner NewOwner(TestEngine engine, RunState state) => new(engine.Services, state);

    private static async Task AssertSameAsync(TestEngine engine, RunOwner owner)
    {
        var live = owner.State;
        var folded = RunState.From(await engine.LogAsync(live.Output.RunId)) with { Sequence = live.Sequence, History = live.History };

        Assert.Equal(Comparable(live), Comparable(folded));
    }

    /// <summary>Writes everything of a state but what only its present owner knows.</summary>
    private static string Comparable(RunState state) => string.Join('\n',
        state with { Request = null, Output = RunState.Empty.Output, Calls = [], Spoken = null, Dependencies = default, History = [] },
        System.Text.Json.JsonSerializer.Serialize(state.Output, Engine.Json.EngineJson.Context.RunOutput),
        string.Join('\n', state.Calls.Select(call => $"{call.Call} {call.IsIntended} {call.IsInDoubt} {call.IsAnswered} {call.IsReported} {call.Outcome?.Id}")),
        state.Dependencies.ToString());
}
