using Microsoft.Extensions.Logging;

namespace Cluster.Storage.Embedded;

/// <summary>A directory that this process has opened: its lock, its files, what is known of them, and who writes them.</summary>
internal sealed class OpenJournal : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly DirectoryLock _lock;
    private readonly Journal _journal;
    private readonly Compaction _compaction;
    private readonly long _compactionBytes;
    private Task _compacting = Task.CompletedTask;
    private int _isDisposed;

    private OpenJournal(DirectoryLock directoryLock, Journal journal, StoreIndex index, EmbeddedStorageOptions options, ILogger logger)
    {
        _lock = directoryLock;
        _journal = journal;
        _compaction = new Compaction(journal, index, logger);
        _compactionBytes = options.CompactionBytes;
        Index = index;
        Reader = new RunReader(index, options.CachedRecords);
        Writer = new JournalWriter(journal, index, CompactWhenDue, logger);
    }

    public StoreIndex Index { get; }

    public RunReader Reader { get; }

    public JournalWriter Writer { get; }

    /// <summary>Takes the directory and reads it.</summary>
    public static OpenJournal Open(EmbeddedStorageOptions options, ILogger logger)
    {
        var directory = Path.GetFullPath(options.Directory);
        var directoryLock = DirectoryLock.Take(directory);
        try
        {
            var (index, segments) = new Recovery(directory, logger).Recover();
            var journal = new Journal(directory, segments, options.SegmentBytes);
            JournalLog.Opened(logger, directory, index.SessionCount, index.RunCount, journal.TotalBytes, segments.Count);
            return new OpenJournal(directoryLock, journal, index, options, logger);
        }
        catch (Exception error)
        {
            directoryLock.Dispose();
            if (JournalWriter.IsDiskError(error))
            {
                throw DirectoryLock.CannotOpen(directory, error);
            }

            throw;
        }
    }

    /// <summary>Waits until no compaction is under way.</summary>
    public Task WhenCompactedAsync() => Volatile.Read(ref _compacting);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync();
        await Writer.DisposeAsync();
        await WhenCompactedAsync();
        _journal.Dispose();
        _closing.Dispose();
        _lock.Dispose();
    }

    private void CompactWhenDue()
    {
        if (_compacting.IsCompleted && !_closing.IsCancellationRequested && _compaction.IsDue(_compactionBytes))
        {
            Volatile.Write(ref _compacting, Task.Run(() => _compaction.RunAsync(Writer, _closing.Token), CancellationToken.None));
        }
    }
}
