using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Testing.Tests;

/// <summary>Sweeps runs that go on in other ways than by answers: both what was before and what comes after is stopped at every point.</summary>
public sealed class ForkCrashTests
{
    private bool _isDown;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_regenerated_answer_survives_every_crash(bool replaces)
    {
        var rows = new Rows { Next = output => output.ForkedFromRunId is null ? new RunContinuation(output.RunId) { Regenerate = true, ReplaceOriginal = replaces } : null };

        await rows.AssertSafeAsync(NewAgent(rows), points: 30, output => output.RegeneratedFrom is not null && output.Status == RunStatus.Completed);
    }

    [Fact]
    public async Task An_answer_that_is_given_anew_from_the_question_calls_its_tools_anew_and_survives_every_crash()
    {
        var rows = new Rows { Next = output => output.ForkedFromRunId is null ? new RunContinuation(output.RunId) { Regenerate = true, From = ContinuationPoint.LastUser } : null };

        await rows.AssertSafeAsync(NewAgent(rows), points: 40, output => output.RegeneratedFrom is not null && output.Tools!.Value.Length == 2);
    }

    [Fact]
    public async Task A_fork_from_an_earlier_message_survives_every_crash()
    {
        var rows = new Rows { Next = output => output.ForkedFromRunId is null ? new RunContinuation(output.RunId) { Fork = true, From = ContinuationPoint.At(3) } : null };

        await rows.AssertSafeAsync(NewAgent(rows), points: 30, output => output.ForkedFromMessageIndex == 3);
    }

    [Fact]
    public async Task A_completed_run_that_is_told_more_twice_survives_every_crash()
    {
        var rows = new Rows
        {
            Next = output => output.Messages!.Value.Count(message => message is { Role: "user", FromHistory: false }) < 3 ? new RunContinuation(output.RunId) { Input = "and more" } : null,
        };

        await rows.AssertSafeAsync(NewAgent(rows) with { History = new HistorySettings { AddToContext = true } }, points: 40, output => output.ForkedFromRunId is not null);
    }

    [Fact]
    public async Task A_paused_run_whose_answers_go_to_a_fork_survives_every_crash()
    {
        var rows = new Rows
        {
            Next = output => output is { Status: RunStatus.Paused, ForkedFromRunId: null }
                ? new RunContinuation(output.RunId, [.. output.Tools!.Value.Where(tool => tool.IsWaiting).Select(tool => tool with { Confirmed = true })]) { Fork = true }
                : null,
        };
        var agent = new Agent
        {
            Model = Talk.Of(["write", "append"], ["write"]),
            Tools = [rows.Write(), rows.Append(options: new ToolOptions { RequiresConfirmation = true })],
        };

        await rows.AssertSafeAsync(agent, points: 30, output => output.ForkedFromRunId is not null && output.Tools!.Value.Length == 3);
    }

    [Fact]
    public async Task A_failed_run_that_is_taken_up_again_survives_every_crash()
    {
        var rows = new Rows
        {
            Reset = () => _isDown = true,
            Next = output =>
            {
                _isDown = false;
                return output.Status == RunStatus.Error ? new RunContinuation(output.RunId) { AdditionalInstructions = "Be brief." } : null;
            },
        };
        var agent = new Agent
        {
            Model = Talk.Of(messages => _isDown && messages.Any(message => message.Role == ChatRole.Tool) ? throw new ModelException("down") : Answer(messages)),
            Tools = [rows.Append()],
        };

        await rows.AssertSafeAsync(agent, points: 30, output => output.Status == RunStatus.Completed && output.Tools!.Value.Length == 2);

        static IEnumerable<AIContent> Answer(IReadOnlyList<ChatMessage> messages) => messages.Count(message => message.Role == ChatRole.Tool) is var turn and < 2
            ? [new FunctionCallContent($"call_{turn}", "append", new Dictionary<string, object?>())]
            : [new TextContent("done")];
    }

    private static Agent NewAgent(Rows rows) => new()
    {
        Model = Talk.Of(["append"], ["write"]),
        Tools = [rows.Append(), rows.Write()],
    };
}
