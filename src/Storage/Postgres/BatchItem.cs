namespace Cluster.Storage.Postgres;

/// <summary>One caller's part of a batch: it learns its own outcome, whatever becomes of the others.</summary>
/// <typeparam name="TResult">What the caller is told.</typeparam>
internal abstract class BatchItem<TResult>
{
    private readonly TaskCompletionSource<TResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the number of this write. It stays the same when the write is sent again because its answer was lost.</summary>
    public Guid Write { get; } = Guid.CreateVersion7();

    /// <summary>Gets about how many bytes the item adds to a round trip.</summary>
    public abstract long Size { get; }

    public Task<TResult> Outcome => _outcome.Task;

    public void Complete(TResult result) => _outcome.TrySetResult(result);

    public void Fail(Exception exception) => _outcome.TrySetException(exception);
}
