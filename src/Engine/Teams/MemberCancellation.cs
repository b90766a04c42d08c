using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams;

/// <summary>Stops the members of a team's run that is to stop, as deep as they are nested: each of them stops its own.</summary>
/// <param name="services">What the loop works with.</param>
/// <param name="state">The team's run.</param>
internal sealed class MemberCancellation(AgentLoopServices services, RunState state)
{
    /// <summary>A member whose silo has just died stops as soon as another one has taken it up; the team does not wait that long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly RunStatus[] Unfinished = [RunStatus.Pending, RunStatus.Running, RunStatus.Paused];

    private readonly IMemberRuns _members = services.Members();

    /// <summary>Asks all of them to stop at once, and tells how they end.</summary>
    public async IAsyncEnumerable<RunEvent> StopAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var working = await ListAsync(cancellationToken);
        if (working.Count == 0)
        {
            yield break;
        }

        var told = Channel.CreateUnbounded<RunEvent>(new UnboundedChannelOptions { SingleReader = true });
        using var limit = new CancellationTokenSource(Patience, services.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var stopping = Task.WhenAll(working.Select(runId => StopAsync(runId, told.Writer, either.Token)));
        _ = stopping.ContinueWith(_ => told.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await foreach (var next in told.Reader.ReadAllAsync(cancellationToken))
        {
            yield return next;
        }

        await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The store knows of members that were started when the run's owner died before it could say so.</summary>
    private async Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellationToken)
    {
        var known = state.Team.Runs.Where(run => run.Status is null or RunStatus.Paused).Select(run => run.RunId);
        var stored = state.HasBegun ? await Task.WhenAll(Unfinished.Select(status => ListAsync(status, cancellationToken))) : [];
        return known.Union(stored.SelectMany(runIds => runIds), StringComparer.Ordinal).ToArray();
    }

    private async Task<IEnumerable<string>> ListAsync(RunStatus status, CancellationToken cancellationToken)
    {
        var query = new RunQuery(state.Request!.SessionId) { ParentRunId = state.Request.RunId, Status = status };
        return (await services.Records.ListAsync(query, cancellationToken)).Select(record => record.Output.RunId);
    }

    private async Task StopAsync(string runId, ChannelWriter<RunEvent> told, CancellationToken cancellationToken)
    {
        try
        {
            await _members.CancelAsync(runId, cancellationToken);
            var known = state.Team.Find(runId);
            var isTold = known is not null && (services.Agents.Find(state.Request!) as Team)?.Delegation.StreamEvents != false;
            var output = await _members.FollowAsync(runId, state.Request!.RunId, known?.HeardUpTo ?? -1, next => Tell(isTold, next), cancellationToken);
            if (known is not null && output is not null)
            {
                told.TryWrite(Delegation.Settlement(null, output));
            }
        }
        catch (EngineException)
        {
            // It is gone, or its store is away: the team stops all the same, and the member as soon as it is found again.
        }

        void Tell(bool isTold, RunEvent next)
        {
            if (isTold)
            {
                told.TryWrite(next with { EventIndex = null, Heard = new HeardEvent(runId, next.EventIndex!.Value, AsOwn: false) });
            }
        }
    }
}
