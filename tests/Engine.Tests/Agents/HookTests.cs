using Cluster.Engine.Agents;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Hooks;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Agents;

public sealed class HookTests
{
    [Fact]
    public async Task A_hook_changes_the_input_that_the_model_gets_and_that_is_kept()
    {
        await using var engine = new TestEngine(new Agent { Hooks = new RunHooks { Pre = [Before(input => input with { InputContent = "changed" })] } });
        engine.Model.Answer("ok");

        var events = await engine.StreamAsync("original");

        Assert.Equal(
            "RunStarted PreHookStarted PreHookCompleted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        Assert.Equal("changed", engine.Model.Calls[0].Input);
        Assert.Equal("original", ((PreHookStarted)events[1]).RunInput.InputContent.Text);
        Assert.Equal("changed", ((PreHookCompleted)events[2]).RunInput.InputContent.Text);
        Assert.Equal("changed", (await FindAsync(engine, events)).Input!.InputContent.Text);
    }

    [Fact]
    public async Task A_hook_that_refuses_ends_the_run_before_the_model_is_asked()
    {
        await using var engine = new TestEngine(new Agent
        {
            Hooks = new RunHooks { Pre = [Before(_ => throw new InputCheckException("Not that.", CheckTrigger.OffTopic) { AdditionalData = Builders.Json("""{"why":1}""") })] },
        });

        var events = await engine.StreamAsync();

        Assert.Equal("RunStarted PreHookStarted RunError", events.Order());
        var error = (RunError)events[^1];
        Assert.Equal(("Not that.", "input_check_error", "off_topic", """{"why":1}"""), (error.Content, error.ErrorType, error.ErrorId, error.AdditionalData?.GetRawText()));
        Assert.Empty(engine.Model.Calls);
        Assert.Equal(RunStatus.Error, (await FindAsync(engine, events)).Status);
    }

    [Fact]
    public async Task A_hook_that_breaks_is_ignored()
    {
        await using var engine = new TestEngine(new Agent
        {
            Hooks = new RunHooks { Pre = [Before(_ => throw new IOException("disk"))], Post = [After(_ => throw new IOException("disk"))] },
        });
        engine.Model.Answer("ok");

        var run = await engine.RunAsync();

        Assert.Equal((RunStatus.Completed, "ok"), (run.Status, run.Content?.Text));
    }

    [Fact]
    public async Task A_hook_changes_the_answer()
    {
        await using var engine = new TestEngine(new Agent { Hooks = new RunHooks { Post = [After(output => output with { Content = output.Content + "!" })] } });
        engine.Model.Answer("ok");

        var events = await engine.StreamAsync();

        Assert.Equal(
            "RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted PostHookStarted PostHookCompleted RunCompleted", events.Order());
        Assert.Equal("ok!", ((RunCompleted)events[^1]).Content?.Text);
        Assert.Equal("ok!", (await FindAsync(engine, events)).Content?.Text);
    }

    [Fact]
    public async Task A_hook_that_refuses_the_answer_ends_the_run_with_an_error()
    {
        await using var engine = new TestEngine(new Agent { Hooks = new RunHooks { Post = [After(_ => throw new OutputCheckException("Too rude."))] } });
        engine.Model.Answer("ok");

        var error = (RunError)(await engine.StreamAsync())[^1];

        Assert.Equal(("Too rude.", "output_check_error", "output_not_allowed"), (error.Content, error.ErrorType, error.ErrorId));
    }

    [Fact]
    public async Task A_hook_in_the_background_holds_nothing_up()
    {
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new TestEngine(new Agent
        {
            Hooks = new RunHooks
            {
                Post =
                [
                    new PostHook("slow", async (output, _, _) =>
                    {
                        called.SetResult();
                        await release.Task;
                        return output with { Content = "too late" };
                    }) { InBackground = true },
                ],
            },
        });
        engine.Model.Answer("ok");

        var run = await engine.RunAsync();

        await called.Task.WaitAsync(Patience.Token);
        Assert.Equal("ok", run.Content?.Text);
        release.SetResult();
    }

    [Fact]
    public async Task What_a_guardrail_masks_is_recorded_nowhere()
    {
        await using var engine = new TestEngine(new Agent { Guardrails = [new Masking(refuses: false)] });
        engine.Model.Answer("ok");

        var run = await engine.RunAsync("my secret is out");

        Assert.Equal("my ****** is out", engine.Model.Calls[0].Input);
        await AssertNowhereAsync(engine, run.RunId, "secret");
    }

    [Fact]
    public async Task A_guardrail_that_refuses_ends_the_run_and_what_it_saw_is_recorded_nowhere()
    {
        await using var engine = new TestEngine(new Agent { Guardrails = [new Masking(refuses: true)] });

        var events = await engine.StreamAsync("my secret is out");

        Assert.Equal("RunStarted PreHookStarted RunError", events.Order());
        Assert.Equal(("masking", "pii_detected"), (((PreHookStarted)events[1]).PreHookName, ((RunError)events[^1]).ErrorId));
        await AssertNowhereAsync(engine, ((AgentEvent)events[0]).RunId!, "secret");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_guardrail_that_breaks_lets_nothing_through(bool atInput)
    {
        await using var engine = new TestEngine(new Agent { Guardrails = [new Broken(atInput)] });
        engine.Model.Otherwise = call => call.Say("ok").End();

        var error = (RunError)(await engine.StreamAsync())[^1];

        Assert.Equal((atInput ? "input_check_error" : "output_check_error", atInput ? 0 : 1), (error.ErrorType, engine.Model.Calls.Count));
        Assert.DoesNotContain("detail of the bug", error.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_input_starts_no_hook_in_the_background()
    {
        var started = 0;
        var background = new PreHook("background", (input, _, _) =>
        {
            started++;
            return ValueTask.FromResult(input);
        })
        { InBackground = true };
        await using var engine = new TestEngine(new Agent { Hooks = new RunHooks { Pre = [Before(_ => throw new InputCheckException("No.")), background] } });

        await engine.RunAsync();

        Assert.Equal(0, started);
    }

    private static PreHook Before(Func<RunInput, RunInput> change) => new("before", (input, _, _) => ValueTask.FromResult(change(input)));

    private static PostHook After(Func<RunOutput, RunOutput> change) => new("after", (output, _, _) => ValueTask.FromResult(change(output)));

    private static async Task<RunOutput> FindAsync(TestEngine engine, List<RunEvent> events) =>
        (await engine.Host.FindAsync(((AgentEvent)events[0]).RunId!, Patience.Token))!.Output;

    private static async Task AssertNowhereAsync(TestEngine engine, string runId, string secret)
    {
        var written = (await engine.LogAsync(runId)).Select(Json.Frames.Write).ToList();
        var record = (await ((IRunRecords)engine.Store).FindAsync(runId))!;
        var session = await ((Sessions.ISessionStore)engine.Store).FindAsync(TestEngine.SessionId);
        Assert.DoesNotContain(written, json => json.Contains(secret, StringComparison.Ordinal));
        Assert.DoesNotContain(secret, System.Text.Json.JsonSerializer.Serialize(record.Output, Engine.Json.EngineJson.Context.RunOutput), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, session!.FirstInput, StringComparison.Ordinal);
    }

    private sealed class Masking(bool refuses) : IGuardrail
    {
        public string Name => "masking";

        public ScreenedInput Screen(RunInput input)
        {
            var masked = input with { InputContent = input.InputContent.ToString().Replace("secret", "******", StringComparison.Ordinal) };
            return new ScreenedInput(masked, refuses ? new InputCheckException("Not that.", CheckTrigger.PiiDetected) : null);
        }
    }

    private sealed class Broken(bool atInput) : IGuardrail
    {
        public string Name => "broken";

        public ValueTask<RunInput> CheckInputAsync(RunInput input, Engine.Tools.RunContext run, CancellationToken cancellationToken) =>
            atInput ? throw new InvalidOperationException("detail of the bug") : ValueTask.FromResult(input);

        public ValueTask CheckOutputAsync(RunOutput output, Engine.Tools.RunContext run, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("detail of the bug");
    }
}
