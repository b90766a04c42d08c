namespace Cluster.Engine.Runs;

/// <summary>Lets one at a time in: leaving is disposing.</summary>
internal static class SemaphoreEntry
{
    /// <summary>Waits for a semaphore.</summary>
    /// <param name="semaphore">The semaphore.</param>
    /// <returns>What releases it.</returns>
    public static async ValueTask<Entry> EnterAsync(this SemaphoreSlim semaphore)
    {
        await semaphore.WaitAsync(CancellationToken.None);
        return new Entry(semaphore);
    }

    /// <summary>A semaphore that was entered.</summary>
    internal readonly struct Entry(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
