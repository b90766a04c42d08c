using Cluster.Engine.Limits;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Runs;

/// <summary>Reads what clients saw of a run. What a team told of its members stands in their logs and is put back in its place.</summary>
/// <param name="log">The logs.</param>
/// <param name="records">The records, from which the end of a team shows what its members did; null to leave that out.</param>
public sealed class RunEventReader(IRunLogReader log, IRunRecords? records = null)
{
    /// <summary>A text takes two bytes for each character, and what holds it takes room too.</summary>
    private const int BytesInMemory = 3;

    /// <summary>Reads the public events of a run, as far as they are on record.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events, with deltas and indexes without gaps; null when there is no such run.</returns>
    public async Task<IReadOnlyList<RunEvent>?> ReadAsync(string runId, CancellationToken cancellationToken = default) =>
        await log.ReadAsync(runId, cancellationToken) is { } record ? await ReadAsync(record, cancellationToken) : null;

    /// <summary>Gives the public events of a log.</summary>
    /// <param name="record">The log.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events, with deltas and indexes without gaps.</returns>
    public async Task<IReadOnlyList<RunEvent>> ReadAsync(RunLogRecord record, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        var engaged = record.Events.OfType<MembersEngaged>().SelectMany(next => next.Members).Select(member => member.RunId).Distinct(StringComparer.Ordinal).ToArray();
        if (engaged.Length == 0)
        {
            return [.. RunEventLog.ToPublic(record.Events)];
        }

        // A run whose log is gone told nothing that could be shown any more.
        var members = await Task.WhenAll(engaged.Select(async runId => await ReadAsync(runId, cancellationToken) ?? []));
        RunEvent[] events = [.. RunEventLog.ToPublic(record.Events, members)];
        var places = engaged.Index().ToDictionary(member => member.Item, member => member.Index, StringComparer.Ordinal);
        return events is [.., RunCompleted { TeamId: not null } completed] && records is not null
            ? [.. events[..^1], completed with { MemberResponses = await new MemberResponses(records).ReadAsync(OutputOf(completed), places, cancellationToken) }]
            : events;
    }

    /// <summary>Reads the public events of a run without making its deltas, which may take many times the memory of its log.</summary>
    /// <param name="runId">The run's id.</param>
    /// <returns>The events; null when there is no such run.</returns>
    internal async Task<StoredRunEvents?> OpenAsync(string runId)
    {
        if (await log.ReadAsync(runId) is not { } record)
        {
            return null;
        }

        // What was told of members stands in other logs and is needed in another order.
        var isTeam = record.Events.Any(next => next is MembersEngaged);
        var events = isTeam ? await ReadAsync(record) : RunEventLog.ToPublic(record.Events);
        var bytes = record.Bytes * BytesInMemory + (events is IReadOnlyList<RunEvent> told ? told.Sum(EventSizes.Of) : 0);
        return new StoredRunEvents(events, bytes, record.Generation, record.Events.Length) { IsOver = record.ToState() is { Phase: RunPhase.Finished, Output.Status: not RunStatus.Error } };
    }

    private static RunOutput OutputOf(RunCompleted completed) => new() { RunId = completed.RunId!, SessionId = completed.SessionId, TeamId = completed.TeamId };
}
