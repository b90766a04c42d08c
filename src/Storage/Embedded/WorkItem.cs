namespace Cluster.Storage.Embedded;

/// <summary>Something for the writer to do, and the promise to whom it is done for.</summary>
internal abstract class WorkItem() : TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);

/// <summary>A change to write.</summary>
/// <param name="change">The change.</param>
/// <param name="frame">Its frame.</param>
internal sealed class Commit(Change change, EncodedFrame frame) : WorkItem
{
    public Change Change => change;

    public EncodedFrame Frame => frame;

    /// <summary>Gets a value indicating whether it needs a batch of its own, because it looks only at what is published.</summary>
    public bool IsAlone => change is SessionsDeleted or MemoriesDeleted;
}

/// <summary>Something to do between two batches.</summary>
/// <param name="action">What to do.</param>
internal sealed class Turn(Func<object?> action) : WorkItem
{
    public object? Run() => action();
}
