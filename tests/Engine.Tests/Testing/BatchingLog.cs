using Cluster.Engine.Runs;

namespace Cluster.Engine.Tests.Testing;

/// <summary>A real log that answers acceptances in batches, the last one first, as a database that groups its commits may do.</summary>
internal sealed class BatchingLog(IRunLog log, int batch) : IRunLog
{
    private readonly Lock _lock = new();
    private readonly Stack<TaskCompletionSource> _waiting = new();

    public async Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default)
    {
        var accepted = await log.AcceptAsync(acceptance, cancellationToken);
        var released = new TaskCompletionSource();
        TaskCompletionSource[] complete = [];
        lock (_lock)
        {
            _waiting.Push(released);
            if (_waiting.Count == batch)
            {
                complete = [.. _waiting];
                _waiting.Clear();
            }
        }

        // Each continuation runs inside of its release, so whoever is released first is far ahead of the next one.
        foreach (var next in complete)
        {
            next.SetResult();
        }

        await released.Task;
        return accepted;
    }

    public Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default) => log.AppendAsync(append, cancellationToken);

    public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default) => log.ReadAsync(runId, cancellationToken);

    public Task<System.Collections.Immutable.ImmutableDictionary<string, RunLogRecord>> ReadAsync(System.Collections.Immutable.ImmutableArray<string> runIds, CancellationToken cancellationToken = default) =>
        log.ReadAsync(runIds, cancellationToken);

    public Task<System.Collections.Immutable.ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default) =>
        log.ListUnfinishedAsync(sessionId, cancellationToken);
}
