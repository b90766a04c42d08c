using System.Collections.Immutable;
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
        return await ToPublicAsync(record, await ReadMembersAsync([record], cancellationToken), cancellationToken);
    }

    /// <summary>Gives the public events of several logs in as many questions as members of members stand below each other.</summary>
    /// <param name="logs">The logs by run id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The events by run id, with deltas and indexes without gaps.</returns>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<RunEvent>>> ReadAsync(
        IReadOnlyDictionary<string, RunLogRecord> logs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(logs);
        var members = await ReadMembersAsync(logs.Values, cancellationToken);
        var events = new Dictionary<string, IReadOnlyList<RunEvent>>(StringComparer.Ordinal);
        foreach (var (runId, record) in logs)
        {
            events.Add(runId, await ToPublicAsync(record, members, cancellationToken));
        }

        return events;
    }

    private static ImmutableArray<string> EngagedBy(RunLogRecord record) =>
        [.. record.Events.OfType<MembersEngaged>().SelectMany(next => next.Members).Select(member => member.RunId).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads the logs of all members of runs, level by level.</summary>
    private async Task<Dictionary<string, RunLogRecord>> ReadMembersAsync(IEnumerable<RunLogRecord> teams, CancellationToken cancellationToken)
    {
        var members = new Dictionary<string, RunLogRecord>(StringComparer.Ordinal);
        ImmutableArray<string> engaged = [.. teams.SelectMany(team => EngagedBy(team)).Distinct(StringComparer.Ordinal)];
        while (!engaged.IsEmpty)
        {
            var read = await log.ReadAsync(engaged, cancellationToken);
            foreach (var (runId, record) in read)
            {
                members[runId] = record;
            }

            engaged = [.. read.Values.SelectMany(team => EngagedBy(team)).Distinct(StringComparer.Ordinal).Where(runId => !members.ContainsKey(runId))];
        }

        return members;
    }

    private async Task<IReadOnlyList<RunEvent>> ToPublicAsync(RunLogRecord record, Dictionary<string, RunLogRecord> logs, CancellationToken cancellationToken)
    {
        var engaged = EngagedBy(record);
        var fork = record.Events.OfType<RunAccepted>().FirstOrDefault()?.Request is { IsOfTeam: true, Fork: { } start } ? start.RunId : null;
        if (engaged.IsEmpty && fork is null)
        {
            return [.. RunEventLog.ToPublic(record.Events)];
        }

        // A run whose log is gone told nothing that could be shown any more.
        var members = await Task.WhenAll(engaged.Select(async runId => logs.TryGetValue(runId, out var member) ? await ToPublicAsync(member, logs, cancellationToken) : []));
        RunEvent[] events = [.. RunEventLog.ToPublic(record.Events, members)];
        return events is [.., RunCompleted { TeamId: not null } completed] && records is not null
            ? [.. events[..^1], completed with { MemberResponses = await new MemberResponses(records).ReadAsync(OutputOf(completed, engaged) with { ForkedFromRunId = fork }, cancellationToken) }]
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
        var isTeam = record.Events.Any(next => next is MembersEngaged or RunAccepted { Request: { IsOfTeam: true, Fork: not null } });
        var events = isTeam ? await ReadAsync(record) : RunEventLog.ToPublic(record.Events);
        var bytes = record.Bytes * BytesInMemory + (events is IReadOnlyList<RunEvent> told ? told.Sum(EventSizes.Of) : 0);
        return new StoredRunEvents(events, bytes, record.Generation, record.Events.Length) { IsOver = record.ToState() is { Phase: RunPhase.Finished, Output.Status: not RunStatus.Error } };
    }

    private static RunOutput OutputOf(RunCompleted completed, ImmutableArray<string> engaged) =>
        new() { RunId = completed.RunId!, SessionId = completed.SessionId, TeamId = completed.TeamId, MemberRuns = engaged };
}
