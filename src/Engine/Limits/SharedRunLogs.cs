using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Limits;

/// <summary>
/// Reads back what clients saw of runs, for many readers at once: a run's log is in memory once, however many read it, and all of them together take a
/// bounded number of bytes. One that is larger than that passes alone.
/// </summary>
/// <param name="log">The logs.</param>
/// <param name="records">The records of members.</param>
/// <param name="options">How many bytes.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class SharedRunLogs(IRunLogReader log, IRunRecords records, IOptions<MemoryOptions> options, TimeProvider timeProvider)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Loading> _loading = new(StringComparer.Ordinal);
    private readonly RunEventReader _reader = new(log, records);

    /// <summary>Gets how many bytes are being read by somebody.</summary>
    public long Bytes => Room.Bytes;

    /// <summary>Gets the room that it shares with the logs of other tenants.</summary>
    internal LoadingRoom Room { get; init; } = new(timeProvider);

    /// <summary>Opens the log of a run.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The log, to be disposed of by its reader; null when there is no such run.</returns>
    /// <exception cref="UnavailableException">The store is away, or too much is being read back already.</exception>
    public async Task<SharedRunLog?> OpenAsync(string runId, CancellationToken cancellationToken = default)
    {
        var loading = Join(runId);
        try
        {
            return await loading.WaitAsync(cancellationToken) is { } held ? new SharedRunLog(this, held) : null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = ReturnLaterAsync(loading);
            throw;
        }
    }

    /// <summary>Gives a log back.</summary>
    internal void Return(Held held)
    {
        lock (_lock)
        {
            if (--held.Users > 0)
            {
                return;
            }

            Room.Count(-held.Events.Bytes);
            if (_held.GetValueOrDefault(held.RunId) == held)
            {
                _held.Remove(held.RunId);
            }
        }

        Room.Look();
    }

    /// <summary>
    /// Shares what is in memory if nothing can be appended to it; otherwise with all who ask before the log begins to be read. Whoever asks later may have been
    /// told of an event that this reading misses.
    /// </summary>
    private Task<Held?> Join(string runId)
    {
        lock (_lock)
        {
            if (_held.TryGetValue(runId, out var held) && held.Events.IsOver)
            {
                held.Users++;
                return Task.FromResult<Held?>(held);
            }

            if (!_loading.TryGetValue(runId, out var loading))
            {
                _loading[runId] = loading = new Loading();
                loading.Held = LoadAsync(runId, loading);
            }

            loading.Users++;
            return loading.Held;
        }
    }

    /// <summary>How large a log is shows when it was read. So few are read at a time, and none while the limit is reached.</summary>
    private async Task<Held?> LoadAsync(string runId, Loading loading)
    {
        // It cannot begin before it is known.
        await Task.Yield();
        try
        {
            using var place = await Room.EnterAsync(() => Bytes < options.Value.LogLimit);
            lock (_lock)
            {
                _loading.Remove(runId);
                if (_held.TryGetValue(runId, out var held) && held.Events.IsOver)
                {
                    held.Users += loading.Users;
                    return held;
                }
            }

            return await _reader.OpenAsync(runId) is { } events ? Hold(runId, events, loading.Users) : null;
        }
        finally
        {
            lock (_lock)
            {
                if (_loading.GetValueOrDefault(runId) == loading)
                {
                    _loading.Remove(runId);
                }
            }
        }
    }

    private Held Hold(string runId, StoredRunEvents events, int users)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(runId, out var held) || !held.Events.IsSameAs(events))
            {
                // Readers of an earlier state keep that to their end.
                _held[runId] = held = new Held(runId, events);
                Room.Count(events.Bytes);
            }

            held.Users += users;
            return held;
        }
    }

    private async Task ReturnLaterAsync(Task<Held?> loading)
    {
        await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (loading.IsCompletedSuccessfully && await loading is { } held)
        {
            Return(held);
        }
    }

    /// <summary>A log that somebody reads.</summary>
    internal sealed class Held(string runId, StoredRunEvents events)
    {
        public string RunId => runId;

        public StoredRunEvents Events => events;

        public int Users { get; set; }
    }

    /// <summary>A log that is about to be read, for those who asked until then.</summary>
    private sealed class Loading
    {
        public Task<Held?> Held { get; set; } = null!;

        public int Users { get; set; }
    }
}

/// <summary>The log of a run, shared with its other readers.</summary>
public sealed class SharedRunLog : IDisposable
{
    private readonly SharedRunLogs _logs;
    private readonly SharedRunLogs.Held _held;
    private int _isDisposed;

    internal SharedRunLog(SharedRunLogs logs, SharedRunLogs.Held held) => (_logs, _held) = (logs, held);

    /// <summary>Gets the public events, with deltas and indexes without gaps. Deltas are made when they are asked for, so that they are never all in memory.</summary>
    public IEnumerable<RunEvent> Events => _held.Events.Events;

    /// <summary>Gives what a reader lacks.</summary>
    /// <param name="afterIndex">The last index that the reader has.</param>
    /// <returns>The events after it.</returns>
    public IEnumerable<RunEvent> After(long afterIndex) => Events.Where(next => next.EventIndex > afterIndex);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _logs.Return(_held);
        }
    }
}
