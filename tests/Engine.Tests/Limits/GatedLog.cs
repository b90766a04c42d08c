using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Tests.Limits;

/// <summary>A real log whose readings take as long as the test says, and as many bytes.</summary>
internal sealed class GatedLog(IRunLogReader log) : IRunLogReader
{
    private TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _readings;

    public long Bytes { get; set; }

    public int Readings => _readings;

    public void Open() => _gate.TrySetResult();

    public void Close() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _readings);
        var record = await log.ReadAsync(runId, cancellationToken);
        await _gate.Task;
        return record is null ? null : record with { Bytes = Bytes };
    }

    public async Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _readings);
        var records = await log.ReadAsync(runIds, cancellationToken);
        await _gate.Task;
        return records.ToImmutableDictionary(record => record.Key, record => record.Value with { Bytes = Bytes }, StringComparer.Ordinal);
    }
}
