using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Reads the runs of sessions in the shape of lists.</summary>
/// <param name="records">The runs as they were last recorded.</param>
/// <param name="host">Knows more about those that are at work.</param>
/// <param name="events">What clients saw of them.</param>
internal sealed class StoredRuns(IRunRecords records, IRunHost host, StoredEvents events)
{
    /// <summary>Logs are read together, but not those of a session of any length at once.</summary>
    private const int RunsAtOnce = 20;

    /// <summary>Lists runs, oldest first. Members' runs are entries of their own, and come before that of their team, which has their events.</summary>
    public async Task<IReadOnlyList<RunResponse>> ListAsync(RunQuery query, Func<RunOutput, bool> fits, CancellationToken cancellationToken)
    {
        var responses = new List<RunResponse>();
        foreach (var some in MembersFirst(await records.ListAsync(query, cancellationToken)).Where(record => fits(record.Output)).Chunk(RunsAtOnce))
        {
            var runs = await Task.WhenAll(some.Select(record => LatestAsync(record, cancellationToken)));
            var told = await events.ReadForRecordsAsync(
                [.. runs.Zip(some, (run, record) => (Run: run, record.Streamed)).Where(one => one.Run.ParentRunId is null)], cancellationToken);
            responses.AddRange(runs.Select(run => RunResponse.Of(run, told.GetValueOrDefault(run.RunId, []))));
        }

        return responses;
    }

    public async Task<RunResponse?> FindAsync(string sessionId, string runId, CancellationToken cancellationToken) =>
        await records.FindAsync(runId, cancellationToken) is { } record && record.Output.SessionId == sessionId
            ? await ToResponseAsync(record, cancellationToken)
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

    private async Task<RunResponse> ToResponseAsync(RunRecord record, CancellationToken cancellationToken)
    {
        var run = await LatestAsync(record, cancellationToken);
        return RunResponse.Of(run, await events.ReadForRecordAsync(run, record.Streamed, cancellationToken));
    }

    private async Task<RunOutput> LatestAsync(RunRecord record, CancellationToken cancellationToken) =>
        record.Output.Status is RunStatus.Pending or RunStatus.Running && await host.FindAsync(record.Output.RunId, cancellationToken) is { } latest ? latest.Output : record.Output;
}
