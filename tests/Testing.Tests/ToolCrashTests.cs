using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Testing.Tests;

/// <summary>Sweeps what tools can do beside giving a text, and what an agent can say about them.</summary>
public sealed class ToolCrashTests
{
    private static readonly RunMedia Picture = new()
    {
        Images = [new Media { Id = "1", MimeType = "image/png", Content = "aGk=" }],
        Files = [new Media { Id = "2", MimeType = "text/plain", Filename = "a.txt", Content = "hi" }],
    };

    private readonly Rows _rows = new();

    [Theory]
    [InlineData(ToolEffect.Pure)]
    [InlineData(ToolEffect.Once)]
    public async Task A_tool_that_takes_too_long_is_given_up_after_every_crash(ToolEffect effect)
    {
        var slow = Tool.Create(
            async (CancellationToken token) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token),
            new ToolOptions { Name = "slow", Effect = effect, Timeout = TimeSpan.FromMilliseconds(20) });

        await _rows.AssertSafeAsync(
            new Agent { Model = Talk.Of(["slow", "write"], ["write"]), Tools = [slow, _rows.Write()] },
            points: 15,
            output => output.Tools!.Value.Any(tool => tool is { ToolName: "slow", ToolCallError: true }));
    }

    [Fact]
    public async Task A_result_that_is_used_again_survives_every_crash() => await _rows.AssertSafeAsync(
        new Agent { Model = Talk.Of(["look", "write"], ["look"], ["look"]), Tools = [_rows.Write("look", ToolEffect.Once, new ToolOptions { CacheFor = TimeSpan.FromHours(1) }), _rows.Write()] },
        points: 20);

    [Theory]
    [InlineData(ToolEffect.Pure)]
    [InlineData(ToolEffect.Keyed)]
    public async Task What_a_tool_makes_survives_every_crash(ToolEffect effect)
    {
        var draw = Tool.Create(() => new ToolResult("drawn") { Media = Picture }, new ToolOptions { Name = "draw", Effect = effect });

        await _rows.AssertSafeAsync(
            new Agent { Model = Talk.Of(["draw", "append"], ["draw"]), Tools = [draw, _rows.Append()] }, points: 20, output => output is { Images.Length: 2, Files.Length: 2 });
    }

    [Fact]
    public async Task What_a_once_tool_has_made_and_finds_again_survives_every_crash()
    {
        var draw = Tool.Create(
            (RunContext context) => new ToolResult(_rows.Draw(context)) { Media = Picture },
            new ToolOptions
            {
                Name = "draw",
                Effect = ToolEffect.Once,
                VerifyAsync = (call, _) => ValueTask.FromResult(_rows.Find(call.Run.IdempotencyKey!) is { } drawn ? new ToolResult(drawn) { Media = Picture } : null),
            });

        await _rows.AssertSafeAsync(new Agent { Model = Talk.Of(["draw"]), Tools = [draw] }, points: 10, output => output is { Images.Length: 1, Files.Length: 1 });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_ends_the_run_ends_it_after_every_crash(bool isShown) => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of(["write", "last"], ["write"]),
            Tools = [_rows.Write(), _rows.Append("last", new ToolOptions { StopAfterCall = true, ShowResult = isShown })],
        },
        points: 10,
        output => output.Tools!.Value.Length == 2 && output.Content?.Text == (isShown ? "appended" : string.Empty));

    [Fact]
    public async Task A_result_that_is_shown_is_shown_once_after_every_crash() => await _rows.AssertSafeAsync(
        new Agent { Model = Talk.Of(["show", "append"], ["show"]), Tools = [_rows.Write("show", options: new ToolOptions { ShowResult = true }), _rows.Append()] },
        points: 20,
        output => output.Content?.Text == "show wroteshow wroteall done");

    [Fact]
    public async Task A_tool_that_sends_the_model_back_does_so_after_every_crash() => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of(["again", "append"], ["append"]),
            Tools = [Rows.Make("again", _ => throw new RetryRunException("again") { UserMessage = "Try harder.", AgentMessage = "I shall." }), _rows.Append()],
        },
        points: 20,
        output => output.Messages!.Value.Any(message => message.Content == "Try harder.") && output.Tools!.Value.Length == 3);

    [Fact]
    public async Task A_tool_that_stops_the_run_stops_it_after_every_crash() => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of(["append", "enough"], ["append"]),
            Tools = [Rows.Make("enough", _ => throw new StopRunException("enough") { AgentMessage = "I stop." }), _rows.Append()],
        },
        points: 10,
        output => output.Status == RunStatus.Completed && output.Tools!.Value.Length == 2);

    [Fact]
    public async Task A_tool_that_fails_survives_every_crash() => await _rows.AssertSafeAsync(
        new Agent { Model = Talk.Of(["fail", "write"]), Tools = [Rows.Make("fail", _ => throw new InvalidOperationException("broken")), _rows.Write()] },
        points: 10,
        output => output.Tools!.Value[0] is { ToolCallError: true, Result: "broken" });

    [Fact]
    public async Task The_limit_of_calls_counts_the_same_after_every_crash() => await _rows.AssertSafeAsync(
        new Agent { Model = Talk.Of(["append", "append"], ["append", "append"], ["append"]), Tools = [_rows.Append()], ToolCalls = new ToolCallSettings { Limit = 3 } },
        points: 20,
        output => output.Tools!.Value.Count(tool => tool.Result == "appended") == 3);

    [Fact]
    public async Task A_model_that_goes_round_in_circles_ends_after_every_crash() => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of([.. Enumerable.Repeat<string[]>(["append"], 9)]),
            Tools = [_rows.Append()],
            ToolCalls = new ToolCallSettings { MaxRepetitions = 3 },
        },
        points: 20,
        output => output is { Status: RunStatus.Error, Tools.Length: 3 });

    [Fact]
    public async Task The_state_that_the_model_changes_survives_every_crash()
    {
        var model = Talk.Of(messages => messages.Count(message => message.Role == ChatRole.Tool) switch
        {
            0 => [Update("1", """{"seats":2}""")],
            1 => [new FunctionCallContent("2", "write", new Dictionary<string, object?>()), Update("3", """{"table":"window"}""")],
            _ => [new TextContent("noted")],
        });

        await _rows.AssertSafeAsync(
            new Agent
            {
                Model = model,
                Tools = [_rows.Write()],
                SessionState = new SessionStateSettings { Initial = JsonElement.Parse("""{"seats":0}"""), Agentic = true, AddToContext = true },
            },
            points: 20,
            output => output.SessionState?.GetRawText() == """{"seats":2,"table":"window"}""");

        static FunctionCallContent Update(string id, string updates) =>
            new(id, "update_session_state", new Dictionary<string, object?> { ["session_state_updates"] = JsonElement.Parse(updates) });
    }

    [Fact]
    public async Task The_state_that_tools_change_one_after_the_other_survives_every_crash()
    {
        var count = Rows.Make("count", context =>
        {
            var before = context.State.Value.TryGetProperty("count", out var value) ? value.GetInt32() : 0;
            context.State.Set("count", JsonElement.Parse($"{before + 1}"));
            return $"{before + 1}";
        });

        await _rows.AssertSafeAsync(
            new Agent { Model = Talk.Of(["count"], ["append"], ["count"]), Tools = [count, _rows.Append()] }, points: 20, output => output.SessionState?.GetRawText() == """{"count":2}""");
    }
}
