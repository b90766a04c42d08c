using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cluster.Engine.Runs;

namespace Cluster.Testing;

/// <summary>The loop of a process that is stopped at a point.</summary>
internal sealed class StoppingLoop(IRunLoop loop, CrashPoint point) : IRunLoop
{
    public async IAsyncEnumerable<RunEvent> StepAsync(RunState state, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await point.PassEventAsync(null);
        await foreach (var next in loop.StepAsync(state, cancellationToken))
        {
            yield return next;

            // Whoever asks for more has dealt with the event: a committed one is stored.
            await point.PassEventAsync(next);
        }
    }
}

/// <summary>The store as a process sees it that is stopped at a point. What it stored stays.</summary>
internal sealed class StoppingLog(IRunLog log, CrashPoint point) : IRunLog
{
    public Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default) =>
        point.PassCommitAsync(acceptance.Event, () => log.AcceptAsync(acceptance, cancellationToken));

    public Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default) => point.PassCommitAsync(append.Events[^1], async () =>
    {
        await log.AppendAsync(append, cancellationToken);
        return append;
    });

    public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default) => log.ReadAsync(runId, cancellationToken);

    public Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default) =>
        log.ReadAsync(runIds, cancellationToken);

    public Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default) =>
        log.ListUnfinishedAsync(sessionId, cancellationToken);
}
