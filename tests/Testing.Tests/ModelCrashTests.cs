using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;

namespace Cluster.Testing.Tests;

/// <summary>Sweeps what an agent can say about its model, and what becomes of the model's answer.</summary>
public sealed class ModelCrashTests
{
    private readonly Rows _rows;
    private int _failures;

    public ModelCrashTests() => _rows = new Rows { Reset = () => _failures = 0 };

    [Fact]
    public async Task Answers_that_are_used_again_survive_every_crash() => await _rows.AssertSafeAsync(
        new Agent { Model = Talk.Of(["append", "write"], ["append"]), Tools = [_rows.Append(), _rows.Write()], ResponseCache = new ResponseCacheSettings() }, points: 20);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_run_that_is_tried_again_survives_every_crash(int turns) => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Failing(turns, times: 2),
            Tools = [_rows.Append()],
            Retry = new RetrySettings { Retries = 2, Delay = TimeSpan.FromMilliseconds(1), ExponentialBackoff = true },
        },
        points: 10,
        output => output.Status == RunStatus.Completed && _failures > 0);

    [Fact]
    public async Task A_run_whose_attempts_all_fail_ends_the_same_after_every_crash() => await _rows.AssertSafeAsync(
        new Agent { Model = Failing(1, int.MaxValue), Tools = [_rows.Append()], Retry = new RetrySettings { Retries = 2, Delay = TimeSpan.FromMilliseconds(1) } },
        points: 10,
        output => output is { Status: RunStatus.Error, Tools.Length: 1 });

    [Theory]
    [InlineData(ModelErrorKind.Error)]
    [InlineData(ModelErrorKind.RateLimit)]
    public async Task A_stand_in_takes_over_after_half_an_answer_wherever_the_process_dies(ModelErrorKind kind) => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of(messages => messages.Any(message => message.Role == ChatRole.Tool) ? Broken(kind) : [new FunctionCallContent("1", "append", new Dictionary<string, object?>())]),
            Fallbacks = new FallbackSettings { OnError = [Talk.Of(_ => Broken(ModelErrorKind.Error)), Talk.Saying("stood in")], OnRateLimit = [Talk.Saying("stood in")] },
            Tools = [_rows.Append()],
        },
        points: 10,
        output => output.Content?.Text == "stood in");

    [Fact]
    public async Task An_answer_in_a_form_survives_every_crash() => await _rows.AssertSafeAsync(
        new Agent
        {
            Model = Talk.Of(messages => messages.Any(message => message.Role == ChatRole.Tool)
                ? [new TextContent("""{"text":"""), new TextContent("\"formed\"}")]
                : [new TextContent("I look. "), new FunctionCallContent("1", "append", new Dictionary<string, object?>())]),
            Tools = [_rows.Append()],
            Output = new OutputSettings { Schema = OutputSchema.Of<CrashPointTests.Answer>() },
        },
        points: 10,
        output => output.ContentType == "Answer" && output.Content?.ToString() == """{"text":"formed"}""");

    [Theory]
    [InlineData("output")]
    [InlineData("parser")]
    [InlineData("followups")]
    public async Task What_one_other_model_makes_of_an_answer_survives_every_crash(string stage) => await _rows.AssertSafeAsync(
        new Agent { Model = Talk.Of(["append"]), Tools = [_rows.Append()], Output = With(stage, Talk.Saying(Saying(stage))) },
        points: 10,
        output => stage switch
        {
            "output" => output.Content?.Text == Saying(stage),
            "parser" => output.Content?.Json is not null,
            _ => output.Followups is ["And then?"],
        });

    [Theory]
    [InlineData("output", RunStatus.Error)]
    [InlineData("parser", RunStatus.Error)]
    [InlineData("followups", RunStatus.Completed)]
    public async Task Another_model_that_fails_ends_the_run_the_same_after_every_crash(string stage, RunStatus status) => await _rows.AssertSafeAsync(
        new Agent { Model = Talk.Of(["append"]), Tools = [_rows.Append()], Output = With(stage, Talk.Of(_ => Broken(ModelErrorKind.Error))) }, points: 10, output => output.Status == status);

    private static OutputSettings With(string stage, ChatModel model) => stage switch
    {
        "output" => new OutputSettings { OutputModel = model },
        "parser" => new OutputSettings { Schema = OutputSchema.Of<CrashPointTests.Answer>(), ParserModel = model },
        _ => new OutputSettings { Followups = new FollowupSettings { Model = model } },
    };

    private static string Saying(string stage) => stage switch
    {
        "output" => "Worded anew.",
        "parser" => """{"text":"parsed"}""",
        _ => """{"suggestions":["And then?"]}""",
    };

    /// <summary>Says something and breaks.</summary>
    private static IEnumerable<AIContent> Broken(ModelErrorKind kind)
    {
        yield return new TextContent("half an ");
        throw new ModelException("down") { Kind = kind };
    }

    /// <summary>Calls a tool so often, and fails so many times before it answers. A provider that is down comes back whatever process asks it.</summary>
    private ChatModel Failing(int turns, int times) => Talk.Of(messages =>
    {
        var turn = messages.Count(message => message.Role == ChatRole.Tool);
        return turn < turns ? [new FunctionCallContent($"call_{turn}", "append", new Dictionary<string, object?>())]
            : Interlocked.Increment(ref _failures) <= times ? Broken(ModelErrorKind.Error)
            : [new TextContent("done at last")];
    });
}
