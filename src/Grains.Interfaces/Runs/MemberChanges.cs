namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Wakes calls that wait for a silo when silos came or went: what was on its way to a silo that is gone is lost, and nobody else would say so.</summary>
internal sealed class MemberChanges
{
    private TaskCompletionSource _next = Create();

    /// <summary>Gets a task that ends with the next change. Whoever makes a call takes it first.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Tells that silos came or went.</summary>
    public void Announce() => Interlocked.Exchange(ref _next, Create()).SetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
