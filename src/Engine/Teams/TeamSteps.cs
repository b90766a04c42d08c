using System.Runtime.CompilerServices;
using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams;

/// <summary>
/// What the steps of a team have beyond those of an agent: the log learns which events of members were told, the end shows what members did, and members stop
/// before their team does.
/// </summary>
/// <param name="services">What the loop works with.</param>
/// <param name="state">The run before the step.</param>
/// <param name="stamp">Marks the events of the step.</param>
internal sealed class TeamSteps(AgentLoopServices services, RunState state, EventStamp stamp)
{
    private bool _isHandedOver;

    /// <summary>Follows a step, and takes down which events of members pass.</summary>
    /// <param name="step">The step; null when the run is to stop.</param>
    /// <param name="cancellationToken">Stops the step.</param>
    public async IAsyncEnumerable<RunEvent> FollowAsync(IAsyncEnumerable<RunEvent>? step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var places = new Dictionary<string, int>(state.Team.Places, StringComparer.Ordinal);
        var unrecorded = state.Team.Unrecorded;
        await foreach (var next in UntilHandedOverAsync(step ?? CancelAsync(cancellationToken), cancellationToken))
        {
            if (next.IsStored && unrecorded is not null)
            {
                yield return stamp.Mark(unrecorded.ToEvent());
                unrecorded = null;
            }

            foreach (var member in next is MembersEngaged engaged ? engaged.Members : [])
            {
                places.TryAdd(member.RunId, places.Count);
            }

            if (next.Heard is { } heard)
            {
                unrecorded = HeardSlice.Add(unrecorded, places[heard.RunId], heard.Index, heard.AsOwn);
            }

            yield return next is RunCompleted { Heard: null } completed ? completed with { MemberResponses = await new MemberResponses(services.Records).ReadAsync(state.Output with { MemberRuns = [.. places.OrderBy(place => place.Value).Select(place => place.Key)] }, cancellationToken) } : next;
        }

        if (unrecorded is not null)
        {
            yield return stamp.Mark(unrecorded.ToEvent());
        }

        if (_isHandedOver)
        {
            throw new HandedOverException();
        }
    }

    /// <summary>Ends where the run is handed over: what was told until then is taken down first, so that the successor does not tell it again.</summary>
    private async IAsyncEnumerable<RunEvent> UntilHandedOverAsync(IAsyncEnumerable<RunEvent> step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var events = step.GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(events))
        {
            yield return events.Current;
        }
    }

    private async Task<bool> MoveNextAsync(IAsyncEnumerator<RunEvent> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (HandedOverException)
        {
            _isHandedOver = true;
            return false;
        }
    }

    /// <summary>Stops every member that works, tells how they end, and ends the run.</summary>
    private async IAsyncEnumerable<RunEvent> CancelAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var next in new MemberCancellation(services, state).StopAsync(cancellationToken))
        {
            yield return stamp.MarkTold(next);
        }

        await new ApprovalClosing(services.Approvals).CloseAsync(state, stamp.UnixSeconds);
        foreach (var next in Ending.Cancel(state, stamp, await SaidAsync(cancellationToken)))
        {
            yield return next;
        }
    }

    /// <summary>Gives what members have answered to a call that has no result yet.</summary>
    private async Task<string?> SaidAsync(CancellationToken cancellationToken)
    {
        var open = state.Calls.Where(call => call.Outcome is null).Select(call => call.Call.Id).ToHashSet(StringComparer.Ordinal);
        var completed = state.Team.Runs.Where(run => run.Status == RunStatus.Completed && open.Contains(run.ToolCallId));
        var outputs = await Task.WhenAll(completed.Select(run => services.Members().FindAsync(run.RunId, cancellationToken)));
        return string.Concat(outputs.Select(output => output?.Content?.ToString()));
    }
}
