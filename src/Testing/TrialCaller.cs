using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Testing;

/// <summary>Whoever asks for the runs of a trial, and answers them. It outlives the processes: it is not what crashes.</summary>
/// <param name="scenario">What is wished.</param>
/// <param name="request">The run that is started.</param>
/// <param name="chain">The runs.</param>
/// <param name="ledger">The truth about calls whose outcome is lost.</param>
internal sealed class TrialCaller(CrashScenario scenario, RunRequest request, RunChain chain, CallLedger ledger)
{
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);
    private readonly List<string> _askedAgain = [];

    /// <summary>Gets the tools about whose calls the human was asked again although the answer had been taken.</summary>
    public ImmutableArray<string> AskedAgain => [.. _askedAgain];

    /// <summary>Starts the run, or goes on with what became of it, until nothing more is wished.</summary>
    public async Task<RunOutput> DriveAsync(InProcessRunHost host, CancellationToken cancellationToken)
    {
        await host.RecoverAsync(cancellationToken);
        if (await host.FindAsync(chain.First, cancellationToken) is null)
        {
            await host.StartAsync(request, cancellationToken).WaitAsync(cancellationToken);
        }

        var runId = await chain.FindNewestAsync(host, cancellationToken);
        while (true)
        {
            var output = await AnswerAsync(host, runId, cancellationToken);
            if (scenario.Next(output) is not { } wish)
            {
                return output;
            }

            wish = wish with { NewRunId = chain.SuccessorOf(runId) };
            runId = (await host.ContinueAsync(wish, cancellationToken).WaitAsync(cancellationToken)).RunId;
        }
    }

    /// <summary>Waits for the end of a run, and answers when it pauses unless it is to go on in another way.</summary>
    private async Task<RunOutput> AnswerAsync(InProcessRunHost host, string runId, CancellationToken cancellationToken)
    {
        while (true)
        {
            var output = await host.WaitAsync(runId, cancellationToken);
            if (output.Status != RunStatus.Paused || (Doubts(output).Length == 0 && scenario.Next(output) is not null))
            {
                return output;
            }

            var answers = Answers(output);
            await host.ContinueAsync(Continuation(output, answers), cancellationToken).WaitAsync(cancellationToken);
            _answered.UnionWith(answers.Select(tool => chain.Scope(runId, tool.ToolCallId!)));
        }
    }

    private ImmutableArray<ToolExecution> Answers(RunOutput paused)
    {
        var waiting = CrashScenario.Waiting(paused).ToArray();
        var doubts = Doubts(paused);
        _askedAgain.AddRange(waiting.Except(doubts).Where(tool => _answered.Contains(chain.Scope(paused.RunId, tool.ToolCallId!))).Select(tool => tool.ToolName!));

        // The truth is what the ledger says: a call that reached its tool is not made again.
        var truths = doubts.Select(tool => tool with { Confirmed = true, Result = ledger.ResultOf(chain.Scope(paused.RunId, tool.ToolCallId!)) });
        return [.. waiting.Length > doubts.Length ? scenario.Answer(paused).Where(tool => doubts.All(doubt => doubt.ToolCallId != tool.ToolCallId)) : [], .. truths];
    }

    private static ToolExecution[] Doubts(RunOutput paused) => [.. CrashScenario.Waiting(paused).Where(tool => tool.ConfirmationNote == ToolExecution.InDoubtNote)];

    private static RunContinuation Continuation(RunOutput paused, ImmutableArray<ToolExecution> answers) => paused.TeamId is null
        ? new RunContinuation(paused.RunId, answers)
        : new RunContinuation(paused.RunId)
        {
            Requirements =
            [
                .. (paused.Requirements ?? [])
                    .Where(requirement => requirement.IsOpen && answers.Any(answer => answer.ToolCallId == requirement.ToolExecution.ToolCallId))
                    .Select(requirement => requirement with { ToolExecution = answers.First(answer => answer.ToolCallId == requirement.ToolExecution.ToolCallId) }),
            ],
        };
}
