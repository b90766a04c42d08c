using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams;

/// <summary>Lets one member work until its run settles, however often stores, silos and processes are away meanwhile.</summary>
/// <param name="members">Runs members.</param>
/// <param name="run">The team's run.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class MemberWork(IMemberRuns members, AgentRun run, TimeProvider timeProvider)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Starts the run of a member, goes on with it when its answers have come, or finds it settled.</summary>
    /// <param name="request">The run.</param>
    /// <param name="tell">Tells the run's events as the team's.</param>
    /// <param name="cancellationToken">Stops waiting; it does not stop the member.</param>
    /// <returns>What the run amounts to, and whether it was heard to its end before. One that is refused amounts to an error.</returns>
    public async Task<(RunOutput Output, bool WasSettled)> DoAsync(RunRequest request, Action<RunEvent> tell, CancellationToken cancellationToken)
    {
        var known = run.State.Team.Find(request.RunId);
        if (known?.Status is not null && await FindAsync(request.RunId, cancellationToken) is { } settled)
        {
            // It waits for a human, or is done. One that was refused has no run, and is refused again.
            return (settled, true);
        }

        return await TryStartAsync(request, cancellationToken) is { } refusal
            ? (new RunOutput { RunId = request.RunId, Status = RunStatus.Error, Content = refusal }, false)
            : (await FollowAsync(request.RunId, known?.HeardUpTo ?? -1, tell, cancellationToken), false);
    }

    /// <summary>Starts the run, or goes on with it.</summary>
    /// <returns>Why it cannot be; null when it works.</returns>
    private async Task<string?> TryStartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await PatientlyAsync(
                async () =>
                {
                    await (run.State.Team.Answers.FirstOrDefault(answer => answer.RunId == request.RunId) is { } answers
                        ? members.ContinueAsync(ContinuationOf(answers), cancellationToken)
                        : members.StartAsync(request, cancellationToken));
                    return true;
                },
                timeProvider,
                cancellationToken);
            return null;
        }
        catch (EngineException refusal) when (refusal is not FencedException)
        {
            return refusal.Message;
        }
    }

    /// <summary>Tells the events of the run until it settles.</summary>
    private async Task<RunOutput> FollowAsync(string runId, long cursor, Action<RunEvent> tell, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await PatientlyAsync(() => members.FollowAsync(runId, run.Request.RunId, cursor, Tell, cancellationToken), timeProvider, cancellationToken) is { } output)
            {
                return output;
            }

            // Its owner went away; whoever reads it has it taken up.
            await Task.Delay(Pause, timeProvider, cancellationToken);
        }

        void Tell(RunEvent next)
        {
            tell(next);
            cursor = Math.Max(cursor, next.EventIndex ?? cursor);
        }
    }

    private Task<RunOutput?> FindAsync(string runId, CancellationToken cancellationToken) =>
        PatientlyAsync(() => members.FindAsync(runId, cancellationToken), timeProvider, cancellationToken);

    private RunContinuation ContinuationOf(MemberAnswers answers) => new(answers.RunId, [.. answers.Requirements.Select(requirement => requirement.ToAnswer())])
    {
        Requirements = answers.Requirements,
        By = run.State.AnsweredBy,
    };

    /// <summary>A store or silo that is away for a moment is no outcome of the member's work.</summary>
    public static async Task<T> PatientlyAsync<T>(Func<Task<T>> attempt, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return await attempt();
            }
            catch (UnavailableException)
            {
                await Task.Delay(Pause, timeProvider, cancellationToken);
            }
        }
    }
}
