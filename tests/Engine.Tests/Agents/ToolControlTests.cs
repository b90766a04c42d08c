using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class ToolControlTests
{
    [Fact]
    public async Task Middleware_wraps_a_call_from_the_outside_in()
    {
        var order = new List<string>();
        await using var engine = NewEngine(
            Look(new ToolOptions { Middleware = [Wrap("tool")] }), new ToolCallSettings { Middleware = [Wrap("outer"), Wrap("inner")] });
        engine.Model.AnswerWithCall("look", new { what = "sky" }).Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(["outer", "inner", "tool"], order);
        Assert.Equal("outer(inner(tool(saw sky)))", run.Tools!.Value.Single().Result);

        ToolMiddleware Wrap(string name) => async (call, next, token) =>
        {
            order.Add(name);
            return $"{name}({(await next(call, token)).Content})";
        };
    }

    [Fact]
    public async Task Middleware_changes_the_arguments_or_answers_itself()
    {
        await using var engine = NewEngine(Look(), new ToolCallSettings
        {
            Middleware =
            [
                (call, next, token) => call.Arguments.GetProperty("what").GetString() == "nothing"
                    ? ValueTask.FromResult<ToolResult>("no call")
                    : next(call with { Arguments = Builders.Json("""{"what":"sea"}""") }, token),
            ],
        });
        engine.Model.Answer(call => call.Use("look", new { what = "sky" }, "a").Use("look", new { what = "nothing" }, "b").End()).Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(["saw sea", "no call"], run.Tools!.Value.Select(tool => tool.Result));
    }

    [Fact]
    public async Task A_tool_that_stops_the_run_ends_it_well()
    {
        await using var engine = NewEngine(Tool.Create(string () => throw new StopRunException("enough") { AgentMessage = "I stop here." }, new ToolOptions { Name = "look" }));
        engine.Model.AnswerWithCall("look");

        var run = await engine.RunAsync();

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Single(engine.Model.Calls);
        Assert.Equal(["user", "assistant", "tool", "assistant"], run.Messages!.Value.Select(message => message.Role));
        Assert.Equal("I stop here.", run.Messages!.Value[^1].Content);
    }

    [Fact]
    public async Task A_tool_that_wants_a_retry_sends_the_model_back_with_what_it_says()
    {
        await using var engine = NewEngine(Tool.Create(string () => throw new RetryRunException("too short") { UserMessage = "Write more." }, new ToolOptions { Name = "look" }));
        engine.Model.AnswerWithCall("look").Answer("longer");

        var run = await engine.RunAsync();

        Assert.Equal("longer", run.Content?.Text);
        Assert.Equal("Write more.", engine.Model.Calls[1].Input);
        Assert.Equal("too short", run.Tools!.Value.Single().Result);
    }

    [Fact]
    public async Task A_result_that_is_shown_is_a_part_of_the_answer()
    {
        await using var engine = NewEngine(Look(new ToolOptions { ShowResult = true, StopAfterCall = true }));
        engine.Model.AnswerWithCall("look", new { what = "sky" });

        var events = await engine.StreamAsync();

        Assert.Equal("saw sky", events.Text());
        Assert.Equal("saw sky", ((RunCompleted)events[^1]).Content?.Text);
        Builders.AssertGapless(events);
        Assert.Equal(
            events.Select(Json.Frames.Write), RunEventLog.ToPublic(await engine.LogAsync(((AgentEvent)events[0]).RunId!)).Select(Json.Frames.Write));
    }

    [Fact]
    public async Task A_cached_result_is_used_again_for_the_same_arguments_and_the_same_user_only()
    {
        var calls = 0;
        await using var engine = NewEngine(Tool.Create((string what) => $"{what} {++calls}", new ToolOptions { Name = "look", CacheFor = TimeSpan.FromMinutes(1) }));
        engine.Model.Otherwise = call => (call.HasToolResults ? call.Say("done") : call.Use("look", new { what = call.Input })).End();

        var results = new List<string?>();
        foreach (var (input, user) in new[] { ("sky", "ann"), ("sky", "ann"), ("sea", "ann"), ("sky", "bob") })
        {
            var run = await engine.RunAsync(engine.NewRequest(input, sessionId: Guid.NewGuid().ToString()) with { UserId = user });
            results.Add(run.Tools!.Value.Single().Result);
        }

        Assert.Equal(["sky 1", "sky 1", "sea 2", "sky 3"], results);
    }

    [Fact]
    public async Task A_tool_that_takes_too_long_is_given_up_and_the_model_is_told()
    {
        var time = new ManualTime();
        await using var engine = new TestEngine(
            new Agent { Tools = [Tool.Create(async (CancellationToken token) => await Task.Delay(Timeout.Infinite, token), new ToolOptions { Name = "look", Timeout = TimeSpan.FromSeconds(5) })] },
            time: time);
        engine.Model.AnswerWithCall("look").Answer("done");
        var runId = await engine.StartAsync();

        await time.NextWaitAsync();
        time.Advance(TimeSpan.FromSeconds(5));
        var run = await engine.WaitAsync(runId);

        var call = run.Tools!.Value.Single();
        Assert.True(call.ToolCallError);
        Assert.Contains("within 5 seconds", call.Result, StringComparison.Ordinal);
        Assert.Equal("done", run.Content?.Text);
    }

    [Fact]
    public async Task No_more_calls_work_at_once_than_the_agent_allows()
    {
        var (working, most) = (0, 0);
        var gate = new SemaphoreSlim(0);
        var tool = Tool.Create(
            async (CancellationToken token) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref working));
                await gate.WaitAsync(token);
                Interlocked.Decrement(ref working);
            },
            new ToolOptions { Name = "look" });
        await using var engine = NewEngine(tool, new ToolCallSettings { Parallel = 2 });
        engine.Model.Answer(call => Enumerable.Range(0, 5).Aggregate(call, (all, i) => all.Use("look", id: $"call_{i}")).End()).Answer("done");
        var runId = await engine.StartAsync();
        gate.Release(5);

        var run = await engine.WaitAsync(runId);

        Assert.Equal(5, run.Tools!.Value.Count(call => call.ToolCallError == false));
        Assert.InRange(most, 1, 2);
        gate.Dispose();
    }

    [Fact]
    public async Task Calls_that_have_to_wait_for_each_other_all_get_their_turn()
    {
        await using var engine = NewEngine(Look(), new ToolCallSettings { Parallel = 1 });
        engine.Model.Answer(call => Enumerable.Range(0, 500).Aggregate(call, (all, i) => all.Use("look", new { what = $"{i}" }, $"call_{i}")).End()).Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(500, run.Tools!.Value.Count(call => call.ToolCallError == false));
    }

    [Fact]
    public async Task What_a_tool_tells_reaches_the_clients_while_it_works()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tool = Tool.Create(
            async (RunContext context) =>
            {
                context.Tell(Builders.Json("""{"progress":0.5}"""));
                await release.Task;
            },
            new ToolOptions { Name = "look" });
        await using var engine = NewEngine(tool);
        engine.Model.AnswerWithCall("look", id: "call_1").Answer("done");
        var runId = await engine.StartAsync();

        await foreach (var next in engine.Host.ReadEventsAsync(runId, cancellationToken: Patience.Token))
        {
            if (next is CustomEvent told)
            {
                Assert.Equal(("call_1", 0.5), (told.ToolCallId, told.Members["progress"].GetDouble()));
                release.SetResult();
            }
        }

        Assert.True(release.Task.IsCompleted);
    }

    [Fact]
    public async Task A_model_that_goes_round_in_circles_ends_in_an_error_that_says_so()
    {
        await using var engine = NewEngine(Look(), new ToolCallSettings { MaxRepetitions = 3 });
        engine.Model.Otherwise = call => call.Use("look", new { what = "sky" }).End();

        var error = (RunError)(await engine.StreamAsync())[^1];

        Assert.Equal("StuckLoopError", error.ErrorType);
        Assert.Contains("3 times in a row it called look", error.Content, StringComparison.Ordinal);
        Assert.Equal(3, engine.Model.Calls.Count);
    }

    [Fact]
    public async Task A_tool_that_is_asked_until_its_answer_changes_is_no_circle()
    {
        var calls = 0;
        await using var engine = NewEngine(Tool.Create(() => $"{++calls} %", new ToolOptions { Name = "look" }), new ToolCallSettings { MaxRepetitions = 3 });
        engine.Model.Otherwise = call => (engine.Model.Calls.Count > 10 ? call.Say("done") : call.Use("look")).End();

        Assert.Equal("done", (await engine.RunAsync()).Content?.Text);
    }

    [Fact]
    public async Task What_a_tool_makes_is_kept_with_the_run()
    {
        var (picture, film, sound, file) = (NewMedia("a.png"), NewMedia("a.mp4"), NewMedia("a.mp3"), NewMedia("a.pdf"));
        var made = new RunMedia { Images = [picture], Videos = [film], Audio = [sound], Files = [file] };
        await using var engine = NewEngine(Tool.Create(() => new ToolResult("painted") { Media = made }, new ToolOptions { Name = "look" }));
        engine.Model.AnswerWithCall("look").Answer("done");

        var events = await engine.StreamAsync();

        var completed = (RunCompleted)events[^1];
        var stored = (await engine.Host.FindAsync(completed.RunId!, Patience.Token))!.Output;
        Assert.Equal([picture, film, sound, file], [.. completed.Images!, .. completed.Videos!, .. completed.Audio!, .. completed.Files!]);
        Assert.Equal([picture, film, sound, file], [.. stored.Images!, .. stored.Videos!, .. stored.Audio!, .. stored.Files!]);

        static Media NewMedia(string name) => new() { Id = name, Url = $"https://example.com/{name}" };
    }

    [Theory]
    [InlineData("it was made", 0)]
    [InlineData(null, 1)]
    public async Task A_once_tool_that_knows_whether_it_was_called_settles_the_doubt_itself(string? found, int calls)
    {
        // The first call is that of the process that dies.
        var made = -1;
        var agent = new Agent
        {
            Tools =
            [
                Tool.Create(() => $"made {++made}", new ToolOptions
                {
                    Name = "look",
                    VerifyAsync = (call, _) => ValueTask.FromResult(found is null ? null : (ToolResult?)$"{found} as {call.Run.IdempotencyKey?.Split('/')[1]}"),
                }),
            ],
        };

        var state = await ResumeInDoubtAsync(agent);

        Assert.Equal(RunStatus.Completed, state.Output.Status);
        Assert.Equal(calls, made);
        Assert.Equal(found is null ? "made 1" : "it was made as call_1", state.Output.Tools!.Value.Single().Result);
    }

    [Fact]
    public async Task A_once_tool_that_cannot_tell_leaves_the_doubt_to_a_human()
    {
        var agent = new Agent
        {
            Tools = [Tool.Create(() => "made", new ToolOptions { Name = "look", VerifyAsync = (_, _) => throw new IOException("away") })],
        };
        var state = await ResumeInDoubtAsync(agent);

        Assert.Equal(RunPhase.Paused, state.Phase);
    }

    /// <summary>Lets the owner of a run die while the tool works, and a successor go on.</summary>
    private static async Task<RunState> ResumeInDoubtAsync(Agent agent)
    {
        await using var engine = new TestEngine(agent);
        engine.Model.AnswerWithCall("look", id: "call_1").Answer("done").Answer("done");
        var run = await engine.RunAsync();
        var log = await engine.LogAsync(run.RunId);
        var store = await CrashScene.StoreAsync([.. log[..(log.FindIndex(next => next is ToolCallStarted) + 1)]]);

        await using var successor = new TestEngine(agent, store, model: engine.Model);
        var owner = await RunOwner.TakeOverAsync(successor.Services, (await store.ReadAsync(run.RunId, Patience.Token))!, Patience.Token);
        await owner.TurnAsync(Patience.Token);
        Builders.AssertGapless(RunEventLog.ToPublic(await successor.LogAsync(run.RunId)));
        return owner.State;
    }

    private static Tool Look(ToolOptions? options = null) => Tool.Create((string what) => $"saw {what}", (options ?? ToolOptions.Default) with { Name = "look" });

    private static TestEngine NewEngine(Tool tool, ToolCallSettings? settings = null) =>
        new(new Agent { Tools = [tool], ToolCalls = settings ?? ToolCallSettings.Default });
}
