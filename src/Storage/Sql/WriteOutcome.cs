using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;

namespace Cluster.Storage.Sql;

/// <summary>What became of the last write of a store, and whether the next one would fail too.</summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class WriteOutcome(TimeProvider timeProvider)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private volatile string? _failure;
    private int _isTrying;
    private long _triedAt;

    /// <summary>Gets why it failed, in a few words; null when it did not.</summary>
    public string? Failure => _failure;

    /// <summary>Notes that something was written.</summary>
    public void Succeed() => _failure = null;

    /// <summary>Notes that something was not written. Refusals say nothing of the store.</summary>
    /// <param name="failure">Why.</param>
    public void Fail(Exception failure)
    {
        if (failure is not (EngineException and not UnavailableException) and not OperationCanceledException)
        {
            _failure = Describe(failure);
        }
    }

    /// <summary>Writes, and notes the outcome.</summary>
    /// <param name="write">Writes.</param>
    public async Task ObserveAsync(Func<Task> write)
    {
        try
        {
            await write();
            Succeed();
        }
        catch (Exception failure)
        {
            Fail(failure);
            throw;
        }
    }

    /// <summary>Tries a small write, if the last one failed and none was tried in the last second.</summary>
    /// <param name="write">Writes.</param>
    /// <returns>Why writes fail; null when they do not.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever it is, it is the answer.")]
    public async ValueTask<string?> FindFailureAsync(Func<Task> write)
    {
        if (_failure is null || Interlocked.Exchange(ref _isTrying, 1) != 0)
        {
            return _failure;
        }

        try
        {
            if (_triedAt == 0 || timeProvider.GetElapsedTime(_triedAt) >= Pause)
            {
                _triedAt = timeProvider.GetTimestamp();
                await ObserveAsync(write);
            }
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
        finally
        {
            Volatile.Write(ref _isTrying, 0);
        }

        return _failure;
    }

    private static string Describe(Exception failure) => "writes fail: " + failure switch
    {
        UnavailableException { Reason: { } reason } => reason,
        UnavailableException => "the store is not available",
        OutOfMemoryException => "memory is short",
        _ => "for a reason that the log tells",
    };
}
