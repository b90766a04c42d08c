using System.Collections.Concurrent;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Hooks;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Testing.Tests;

public sealed class CrashPointTests
{
    private readonly ConcurrentDictionary<string, string> _rows = new(StringComparer.Ordinal);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_answer_survives_every_crash() =>
        await AssertSafeAsync(new Agent { Model = Talk.Of() });

    [Theory]
    [InlineData(ToolEffect.Pure)]
    [InlineData(ToolEffect.Keyed)]
    [InlineData(ToolEffect.Once)]
    public async Task Tools_that_tell_the_truth_about_themselves_survive_every_crash(ToolEffect effect) =>
        await AssertSafeAsync(new Agent { Model = Talk.Of(["write", "write"], ["write"]), Tools = [Write(effect)] });

    [Fact]
    public async Task A_tool_that_claims_to_be_pure_and_is_not_is_named()
    {
        var agent = new Agent { Model = Talk.Of(["look"], ["append"]), Tools = [Tool("look", _ => "seen", ToolEffect.Pure), Tool("append", Append, ToolEffect.Pure)] };

        var report = await SweepAsync(agent);

        Assert.False(report.IsSafe);
        Assert.Equal(["append"], report.UnsafeTools);
        Assert.Contains("Not safe to retry: append.", report.ToString(), StringComparison.Ordinal);
        Assert.Contains("the world is another one", report.ToString(), StringComparison.Ordinal);
        Assert.Throws<CrashUnsafeException>(report.ThrowIfUnsafe);
    }

    [Fact]
    public async Task A_tool_that_answers_otherwise_when_it_is_repeated_is_named()
    {
        var calls = 0;
        var agent = new Agent { Model = Talk.Of(["count"]), Tools = [Tool("count", _ => $"{++calls}", ToolEffect.Pure)] };

        var report = await CrashPoints.SweepAsync(new CrashScenario(agent, "go") { Reset = () => calls = 0 }, Stop);

        Assert.Equal(["count"], report.UnsafeTools);
    }

    [Fact]
    public async Task A_call_that_is_confirmed_first_survives_every_crash_and_nobody_is_asked_twice() =>
        await AssertSafeAsync(new Agent
        {
            Model = Talk.Of(["write", "append"], ["write"]),
            Tools = [Write(ToolEffect.Keyed), Tool("append", Append, ToolEffect.Once, new ToolOptions { RequiresConfirmation = true })],
        });

    [Fact]
    public async Task A_call_that_is_made_outside_and_one_that_a_human_completes_survive_every_crash()
    {
        var outside = Tool("outside", _ => throw new InvalidOperationException("Nobody calls this."), ToolEffect.Once, new ToolOptions { ExternalExecution = true });
        var ask = Engine.Tools.Tool.Create((string name) => $"hello {name}", new ToolOptions { Name = "ask", Effect = ToolEffect.Pure, UserInputFields = ["name"] });
        var scenario = new CrashScenario(new Agent { Model = Talk.Of(["outside", "ask"]), Tools = [outside, ask] }, "go")
        {
            Answer = paused =>
            [
                .. paused.Tools!.Value.Where(tool => tool.IsWaiting).Select(tool => tool.ToolName == "outside"
                    ? tool with { Result = "made outside" }
                    : tool with { UserInputSchema = [.. tool.UserInputSchema!.Value.Select(field => field with { Value = JsonElement.Parse("\"Ann\"") })] }),
            ],
        };

        (await CrashPoints.SweepAsync(scenario, Stop)).ThrowIfUnsafe();
    }

    [Fact]
    public async Task A_once_tool_that_finds_out_itself_survives_every_crash()
    {
        var tool = Tool("append", Append, ToolEffect.Once, new ToolOptions
        {
            VerifyAsync = (call, _) => ValueTask.FromResult(_rows.ContainsKey(call.Run.IdempotencyKey!.Split('/')[1]) ? (ToolResult?)"appended" : null),
        });

        await AssertSafeAsync(new Agent { Model = Talk.Of(["append"], ["append"]), Tools = [tool] });
    }

    [Fact]
    public async Task What_other_models_make_of_an_answer_survives_every_crash() =>
        await AssertSafeAsync(new Agent
        {
            Model = Talk.Of(["write"]),
            Tools = [Write(ToolEffect.Keyed)],
            Output = new OutputSettings
            {
                Schema = OutputSchema.Of<Answer>(),
                OutputModel = Talk.Saying("Worded anew."),
                ParserModel = Talk.Saying("""{"text":"parsed"}"""),
                Followups = new FollowupSettings { Model = Talk.Saying("""{"suggestions":["And then?"]}""") },
            },
        });

    [Fact]
    public async Task Hooks_and_guardrails_survive_every_crash() =>
        await AssertSafeAsync(new Agent
        {
            Model = Talk.Of(["write"]),
            Tools = [Write(ToolEffect.Keyed)],
            Guardrails = [new Quiet()],
            Hooks = new RunHooks
            {
                Pre = [new PreHook("before", (input, _, _) => ValueTask.FromResult(input with { InputContent = input.InputContent + "!" }))],
                Post =
                [
                    new PostHook("first", (output, _, _) => ValueTask.FromResult(output with { Content = output.Content + "1" })),
                    new PostHook("second", (output, _, _) => ValueTask.FromResult(output with { Content = output.Content + "2" })),
                ],
            },
        });

    [Fact]
    public async Task A_model_that_fails_and_its_stand_in_survive_every_crash() =>
        await AssertSafeAsync(new Agent
        {
            Model = Talk.Of(_ => throw new ModelException("down")),
            Fallbacks = new FallbackSettings { OnError = [Talk.Of(["write"])] },
            Tools = [Write(ToolEffect.Keyed)],
        });

    [Fact]
    public async Task Session_state_signals_and_shown_results_survive_every_crash()
    {
        var agent = new Agent
        {
            Model = Talk.Of(["note", "show"], ["retry"], ["stop"]),
            SessionState = new SessionStateSettings { Initial = JsonElement.Parse("""{"notes":0}""") },
            Tools =
            [
                Tool("note", Note, ToolEffect.Pure),
                Tool("show", _ => "shown", ToolEffect.Pure, new ToolOptions { ShowResult = true }),
                Tool("retry", _ => throw new RetryRunException("again") { UserMessage = "Try harder." }, ToolEffect.Pure),
                Tool("stop", _ => throw new StopRunException("enough") { AgentMessage = "I stop." }, ToolEffect.Pure),
            ],
        };

        await AssertSafeAsync(agent);

        static string Note(RunContext context)
        {
            context.State.Set("notes", JsonElement.Parse("1"));
            context.Tell(JsonElement.Parse("""{"progress":1}"""));
            return "noted";
        }
    }

    [Fact]
    public async Task An_agent_that_never_ends_is_reported()
    {
        var agent = new Agent
        {
            Model = Talk.Of(["wait"]),
            Tools = [Engine.Tools.Tool.Create(async (CancellationToken token) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token), new ToolOptions { Name = "wait" })],
        };

        var failure = await Assert.ThrowsAsync<TimeoutException>(() =>
            CrashPoints.SweepAsync(new CrashScenario(agent, "go") { Patience = TimeSpan.FromMilliseconds(200) }, Stop));

        Assert.Contains("without a crash", failure.Message, StringComparison.Ordinal);
    }

    private async Task AssertSafeAsync(Agent agent)
    {
        var report = await SweepAsync(agent);

        report.ThrowIfUnsafe();
        Assert.True(report.Points > 5, report.ToString());
    }

    private Task<CrashReport> SweepAsync(Agent agent) => CrashPoints.SweepAsync(
        new CrashScenario(agent, "go") { Reset = _rows.Clear, World = () => string.Join(", ", _rows.OrderBy(row => row.Key).Select(row => $"{row.Key}={row.Value}")) }, Stop);

    /// <summary>Writes a row under the key of the call, so that a repetition writes the same row.</summary>
    private Tool Write(ToolEffect effect) => Tool("write", context => _rows[context.IdempotencyKey!.Split('/')[1]] = "written", effect);

    /// <summary>Makes a row longer each time, so that a repetition shows.</summary>
    private string Append(RunContext context)
    {
        _rows.AddOrUpdate(context.IdempotencyKey!.Split('/')[1], "x", (_, row) => row + "x");
        return "appended";
    }

    private static Tool Tool(string name, Func<RunContext, string> work, ToolEffect effect, ToolOptions? options = null) =>
        Engine.Tools.Tool.Create((RunContext context) => work(context), (options ?? ToolOptions.Default) with { Name = name, Effect = effect });

    public sealed record Answer(string Text);

    private sealed class Quiet : IGuardrail
    {
        public string Name => "quiet";

        public ScreenedInput Screen(RunInput input) => new(input with { InputContent = input.InputContent.ToString().Replace("go", "**", StringComparison.Ordinal) });
    }
}
