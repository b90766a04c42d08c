using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Reads the runs of sessions in the shape of lists.</summary>
/// <param name="records">The runs as they were last recorded.</param>
/// <param name="host">Knows more about those that are at work.</param>
/// <param name="events">What clients saw of them.</param>
internal sealed class StoredRuns(IRunRecords records, IRunHost host, StoredEvents events)
{
    /// <summary>Lists runs, oldest first. Members' runs are entries of their own, and come before that of their team, which has their events.</summary>
    public async Task<IReadOnlyList<RunResponse>> ListAsync(RunQuery query, Func<RunOutput, bool> fits, CancellationToken cancellationToken)
    {
        var responses = new List<RunResponse>();
        foreach (var record in MembersFirst(await records.ListAsync(query, cancellationToken)).Where(record => fits(record.Output)))
        {
            responses.Add(await ToResponseAsync(record, withEvents: record.Output.ParentRunId is null, cancellationToken));
        }

        return responses;
    }

    public async Task<RunResponse?> FindAsync(string sessionId, string runId, CancellationToken cancellationToken) =>
        await records.FindAsync(runId, cancellationToken) is { } record && record.Output.SessionId == sessionId
            ? await ToResponseAsync(record, withEvents: true, cancellationToken)
            : null;

    public async Task<bool> AnyAsync(string sessionId, CancellationToken cancellationToken) =>
        !(await records.ListAsync(new RunQuery(sessionId) { Last = 1 }, cancellationToken)).IsEmpty;

    private static IEnumerable<RunRecord> MembersFirst(ImmutableArray<RunRecord> all)
    {
        var known = all.Select(record => record.Output.RunId).ToHashSet(StringComparer.Ordinal);
        var started = all.ToLookup(record => record.Output.ParentRunId is { } parent && known.Contains(parent) ? parent : string.Empty, StringComparer.Ordinal);
        return started[string.Empty].SelectMany(WithMembers);

        IEnumerable<RunRecord> WithMembers(RunRecord record) => started[record.Output.RunId].SelectMany(WithMembers).Append(record);
    }

    private async Task<RunResponse> ToResponseAsync(RunRecord record, bool withEvents, CancellationToken cancellationToken)
    {
        var run = record.Output;
        if (run.Status is RunStatus.Pending or RunStatus.Running)
        {
            run = (await host.FindAsync(run.RunId, cancellationToken))?.Output ?? run;
        }

        return RunResponse.Of(run, withEvents ? await events.ReadForRecordAsync(run, record.Streamed, cancellationToken) : []);
    }
}
