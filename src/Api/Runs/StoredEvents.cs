using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Reads what clients saw of a run, from its log.</summary>
/// <param name="log">The logs.</param>
internal sealed class StoredEvents(IRunLogReader log)
{
    /// <summary>Reads the public events with their deltas and indexes, as far as they are stored.</summary>
    public async Task<IReadOnlyList<RunEvent>> ReadAsync(string runId, CancellationToken cancellationToken) =>
        await log.ReadAsync(runId, cancellationToken) is { } record ? [.. RunEventLog.ToPublic(record.Events)] : [];

    /// <summary>Reads the events as run records show them: without deltas and indexes, and none when nobody asked to see them.</summary>
    public async Task<ImmutableArray<RunEvent>> ReadForRecordAsync(string runId, bool streamed, CancellationToken cancellationToken) => streamed
        ? [.. (await ReadAsync(runId, cancellationToken)).Where(next => next is not RunContent).Select(next => next with { EventIndex = null })]
        : [];
}
