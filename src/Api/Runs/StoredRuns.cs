using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Reads the runs of sessions in the shape of lists.</summary>
/// <param name="records">The runs as they were last recorded.</param>
/// <param name="host">Knows more about those that are at work.</param>
/// <param name="events">What clients saw of them.</param>
internal sealed class StoredRuns(IRunRecords records, IRunHost host, StoredEvents events)
{
    public async Task<IReadOnlyList<RunResponse>> ListAsync(RunQuery query, Func<RunOutput, bool> fits, CancellationToken cancellationToken)
    {
        var responses = new List<RunResponse>();
        foreach (var record in (await records.ListAsync(query, cancellationToken)).Where(record => fits(record.Output)))
        {
            responses.Add(await ToResponseAsync(record, cancellationToken));
        }

        return responses;
    }

    public async Task<RunResponse?> FindAsync(string sessionId, string runId, CancellationToken cancellationToken) =>
        await records.FindAsync(runId, cancellationToken) is { } record && record.Output.SessionId == sessionId ? await ToResponseAsync(record, cancellationToken) : null;

    public async Task<bool> AnyAsync(string sessionId, CancellationToken cancellationToken) =>
        !(await records.ListAsync(new RunQuery(sessionId) { Last = 1 }, cancellationToken)).IsEmpty;

    private async Task<RunResponse> ToResponseAsync(RunRecord record, CancellationToken cancellationToken)
    {
        var run = record.Output;
        if (run.Status is RunStatus.Pending or RunStatus.Running)
        {
            run = (await host.FindAsync(run.RunId, cancellationToken))?.Output ?? run;
        }

        return RunResponse.Of(run, await events.ReadForRecordAsync(run.RunId, record.Streamed, cancellationToken));
    }
}
