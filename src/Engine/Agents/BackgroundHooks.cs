using System.Diagnostics.CodeAnalysis;

namespace Cluster.Engine.Agents;

/// <summary>Hooks that nobody waits for.</summary>
internal static class BackgroundHooks
{
    /// <summary>Starts a hook, off the caller's path.</summary>
    public static void Start(Func<Task> hook, Action<Exception> failed) => _ = RunAsync(hook, failed);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nobody waits for the hook, so its failure ends in the log.")]
    private static async Task RunAsync(Func<Task> hook, Action<Exception> failed)
    {
        await Task.Yield();
        try
        {
            await hook();
        }
        catch (Exception failure)
        {
            failed(failure);
        }
    }
}
