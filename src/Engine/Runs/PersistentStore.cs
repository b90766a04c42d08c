using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Telemetry;

namespace Cluster.Engine.Runs;

/// <summary>
/// Reads and appends, however long the store is away. A run that works must not fail because its store restarts, and an append whose answer was lost
/// must neither be repeated nor given up: the log itself tells whether it arrived.
/// </summary>
/// <param name="services">What owners work with.</param>
internal sealed class PersistentStore(RunOwnerServices services)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public async Task AppendAsync(RunAppend append, CancellationToken stopping)
    {
        var began = services.TimeProvider.GetTimestamp();
        var pause = FirstPause;
        for (var isRetry = false; ; isRetry = true)
        {
            try
            {
                if (!isRetry || !await HasArrivedAsync(append, stopping))
                {
                    await services.Log.AppendAsync(append, CancellationToken.None);
                }

                RunMetering.Append(services.TimeProvider.GetElapsedTime(began));
                return;
            }
            catch (UnavailableException cause)
            {
                RunOwnerLog.Unavailable(services.Logger, cause, append.RunId, pause);
            }

            await Task.Delay(pause, services.TimeProvider, stopping);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Length and generation alone would not do: another owner that chose the same generation may have been faster.</summary>
    private async Task<bool> HasArrivedAsync(RunAppend append, CancellationToken stopping) =>
        await services.Log.ReadAsync(append.RunId, stopping) is { } log
        && log.Generation == append.Generation
        && log.Events.Length == append.Position + append.Events.Length
        && log.Events[append.Position..].Zip(append.Events).All(pair => IsSame(pair.First, pair.Second));

    private static bool IsSame(RunEvent stored, RunEvent appended) => JsonElement.DeepEquals(ToJson(stored), ToJson(appended));

    private static JsonElement ToJson(RunEvent next) => JsonSerializer.SerializeToElement(next, RunEventTypes.Get(next));
}
