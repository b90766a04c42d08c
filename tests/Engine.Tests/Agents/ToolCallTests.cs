using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class ToolCallTests
{
    private static readonly Tool Add = Tool.Create((int a, int b) => a + b, new ToolOptions { Name = "add" });

    [Fact]
    public async Task A_run_with_a_tool_has_the_order_of_events_of_the_contract()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Add] });
        engine.Model.Answer(call => call.Say("Let me see. ").Use("add", new { a = 2, b = 3 }, "c1").End()).Answer("It is 5");

        var events = await engine.StreamAsync();

        Assert.Equal(
            "RunStarted ModelRequestStarted RunContent ModelRequestCompleted ToolCallStarted ToolCallCompleted " +
            "ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted",
            events.Order());
        var completed = Assert.Single(events.OfType<ToolCallCompleted>());
        Assert.StartsWith("add(a=2, b=3) completed in 0.", completed.Content, StringComparison.Ordinal);
        Assert.Equal("5", completed.Tool.Result);
        Assert.False(completed.Tool.ToolCallError);
        Assert.Equal("Let me see. It is 5", ((RunCompleted)events[^1]).Content?.Text);
        Assert.Equal(["user: hi", "assistant: Let me see. [add]", "tool: 5"], engine.Model.Calls[1].Texts);
    }

    [Fact]
    public async Task Tools_of_a_turn_work_at_the_same_time_and_are_told_in_the_order_of_the_calls()
    {
        var gates = new Dictionary<string, TaskCompletionSource<string>> { ["a"] = new(), ["b"] = new(), ["c"] = new() };
        await using var engine = new TestEngine(new Agent { Tools = [.. gates.Select(gate => Tool.Create(() => gate.Value.Task, new ToolOptions { Name = gate.Key }))] });
        engine.Model.Answer(call => call.Use("a").Use("b").Use("c").End()).Answer("done");
        var runId = await engine.StartAsync();
        await engine.Host.ReadEventsAsync(runId, cancellationToken: Patience.Token).FirstAsync(next => next is ToolCallStarted { Tool.ToolName: "c" }, Patience.Token);

        gates["c"].SetResult("3");
        gates["b"].SetResult("2");
        gates["a"].SetResult("1");
        var events = await engine.EventsAsync(runId);

        Assert.Equal(["a", "b", "c"], events.OfType<ToolCallStarted>().Select(started => started.Tool.ToolName));
        Assert.Equal(["a", "b", "c"], events.OfType<ToolCallCompleted>().Select(completed => completed.Tool.ToolName));
        Assert.Equal(["user: hi", "assistant: [a][b][c]", "tool: 1", "tool: 2", "tool: 3"], engine.Model.Calls[1].Texts);
    }

    [Fact]
    public async Task A_tool_that_finishes_first_is_on_record_before_the_others_finish()
    {
        var gate = new TaskCompletionSource<string>();
        await using var engine = new TestEngine(new Agent
        {
            Tools = [Tool.Create(() => gate.Task, new ToolOptions { Name = "slow" }), Tool.Create(() => "fast", new ToolOptions { Name = "fast" })],
        });
        engine.Model.Answer(call => call.Use("slow").Use("fast").End()).Answer("done");
        var runId = await engine.StartAsync();

        while (!(await engine.LogAsync(runId)).Any(next => next is ToolCallSettled { Tool.ToolName: "fast" }))
        {
            Patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Empty((await engine.LogAsync(runId)).OfType<ToolCallCompleted>());
        gate.SetResult("x");
        Assert.Equal(RunStatus.Completed, (await engine.WaitAsync(runId)).Status);
    }

    [Fact]
    public async Task A_tool_that_fails_is_told_to_the_model_and_shown_after_its_completion()
    {
        var broken = Tool.Create(string () => throw new InvalidOperationException("No such city."), new ToolOptions { Name = "weather" });
        await using var engine = new TestEngine(new Agent { Tools = [broken] });
        engine.Model.AnswerWithCall("weather").Answer("sorry");

        var events = await engine.StreamAsync();

        Assert.Equal(
            "RunStarted ModelRequestStarted ModelRequestCompleted ToolCallStarted ToolCallCompleted ToolCallError " +
            "ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted",
            events.Order());
        var error = Assert.Single(events.OfType<ToolCallError>());
        Assert.Equal("No such city.", error.Error);
        Assert.True(error.Tool.ToolCallError);
        Assert.Equal("tool: No such city.", engine.Model.Calls[1].Texts[^1]);
    }

    [Fact]
    public async Task A_tool_that_gives_up_waiting_has_failed_and_the_run_goes_on()
    {
        var slow = Tool.Create(string () => throw new TaskCanceledException("The request timed out."), new ToolOptions { Name = "slow" });
        await using var engine = new TestEngine(new Agent { Tools = [slow] });
        engine.Model.AnswerWithCall("slow").Answer("sorry");

        var run = await engine.RunAsync();

        Assert.Equal("sorry", run.Content?.Text);
        Assert.True(run.Tools!.Value[0].ToolCallError);
    }

    [Fact]
    public async Task A_tool_that_does_not_exist_is_told_to_the_model_without_events()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Add] });
        engine.Model.AnswerWithCall("subtract").Answer("sorry");

        var events = await engine.StreamAsync();

        Assert.Empty(events.OfType<ToolCallStarted>());
        Assert.Equal("tool: Error: The requested tool does not exist or is not available.", engine.Model.Calls[1].Texts[^1]);
        Assert.Equal("sorry", ((RunCompleted)events[^1]).Content?.Text);
    }

    [Theory]
    [InlineData("{\"a\": 1")]
    [InlineData("[1, 2]")]
    [InlineData("two and three")]
    public async Task Malformed_arguments_are_told_to_the_model(string arguments)
    {
        await using var engine = new TestEngine(new Agent { Tools = [Add] });
        engine.Model.Answer(call => call.UseMalformed("add", arguments, "c1").End()).Answer("sorry");

        var run = await engine.RunAsync();

        Assert.Equal($"Error: The arguments are not a JSON object: {arguments}", run.Messages!.Value.Single(message => message.Role == "tool").Content);
        Assert.Equal("sorry", run.Content?.Text);
        Assert.Equal(arguments, run.Messages!.Value[1].ToolCalls!.Value[0].Function.Arguments);
    }

    [Fact]
    public async Task Arguments_that_do_not_fit_the_tool_are_told_to_the_model()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Add] });
        engine.Model.AnswerWithCall("add", new { a = "two", b = 3 }).AnswerWithCall("add", new { a = 2 }).Answer("sorry");

        var run = await engine.RunAsync();

        Assert.All(run.Tools!.Value, tool => Assert.True(tool.ToolCallError));
        Assert.Equal("sorry", run.Content?.Text);
    }

    [Fact]
    public async Task Calls_beyond_the_limit_are_refused_without_events_and_the_model_may_answer()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Add], ToolCalls = new ToolCallSettings { Limit = 2 } });
        engine.Model.AnswerWithCall("add", new { a = 1, b = 1 })
            .Answer(call => call.Use("add", new { a = 2, b = 2 }, "c2").Use("add", new { a = 3, b = 3 }, "c3").End())
            .Answer("enough");

        var events = await engine.StreamAsync();

        Assert.Equal(["2", "4"], events.OfType<ToolCallCompleted>().Select(completed => completed.Tool.Result));
        var refused = engine.Model.Calls[2].Texts[^1];
        Assert.Contains("limit of 2", refused, StringComparison.Ordinal);
        Assert.Contains("add", refused, StringComparison.Ordinal);
        Assert.Equal("enough", ((RunCompleted)events[^1]).Content?.Text);
    }

    [Fact]
    public async Task A_limit_of_zero_allows_no_call()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Add], ToolCalls = new ToolCallSettings { Limit = 0 } });
        engine.Model.AnswerWithCall("add", new { a = 1, b = 1 }).Answer("none");

        var run = await engine.RunAsync();

        Assert.True(run.Tools!.Value[0].ToolCallError);
        Assert.Equal("none", run.Content?.Text);
    }

    [Fact]
    public async Task A_tool_that_ends_the_run_leaves_the_model_unasked()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Add, Tool.Create(() => "bye", new ToolOptions { Name = "stop", StopAfterCall = true })] });
        engine.Model.Answer(call => call.Say("ok").Use("stop").Use("add", new { a = 1, b = 1 }).End());

        var run = await engine.RunAsync();

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal("ok", run.Content?.Text);
        Assert.Single(engine.Model.Calls);
        Assert.Equal(["user", "assistant", "tool", "tool"], run.Messages!.Value.Select(message => message.Role));
    }

    [Fact]
    public async Task Of_tools_with_one_name_the_first_wins()
    {
        var options = new ToolOptions { Name = "pick" };
        await using var engine = new TestEngine(new Agent
        {
            Tools = [Tool.Create(() => "first", options), Tool.Create(() => "second", options)],
            Toolkits = [new Toolkit { Name = "kit", Tools = [Tool.Create(() => "third", options)] }],
        });
        engine.Model.AnswerWithCall("pick").Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal("first", run.Tools!.Value[0].Result);
        Assert.Single(engine.Model.Calls[0].Options.Tools!);
    }

    [Fact]
    public async Task Calls_to_which_the_model_gives_one_id_stay_apart()
    {
        var keys = new List<string?>();
        var note = Tool.Create((string text, RunContext context) =>
        {
            lock (keys)
            {
                keys.Add(context.IdempotencyKey);
            }

            return text;
        }, new ToolOptions { Name = "note" });
        await using var engine = new TestEngine(new Agent { Tools = [note] });
        engine.Model
            .Answer(call => call.Use("note", new { text = "a" }, "call_0").Use("note", new { text = "b" }, "call_0").End())
            .AnswerWithCall("note", new { text = "c" }, "call_0")
            .Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(3, keys.Distinct().Count());
        Assert.Equal(["a", "b", "c"], run.Tools!.Value.Select(tool => tool.Result));
        Assert.Equal(["user: hi", "assistant: [note][note]", "tool: a", "tool: b", "assistant: [note]", "tool: c"], engine.Model.Calls[2].Texts);
    }
}
