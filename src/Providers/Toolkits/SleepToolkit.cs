using System.ComponentModel;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits;

/// <summary>Waiting, for agents that have to let time pass.</summary>
public static class SleepToolkit
{
    private const double LongestSeconds = 3600;

    /// <summary>Makes the toolkit <c>sleep</c>.</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        return new Toolkit { Name = "sleep", Tools = [Tool.Create(SleepAsync, new ToolOptions { Effect = ToolEffect.Pure })] };

        [Description("Waits and then goes on.")]
        async Task<string> SleepAsync([Description("How long, in seconds, at most an hour.")] double seconds, CancellationToken cancellationToken)
        {
            if (seconds is not (>= 0 and <= LongestSeconds))
            {
                throw new InvalidRequestException($"{seconds} is not between 0 and {LongestSeconds} seconds.");
            }

            await Task.Delay(TimeSpan.FromSeconds(seconds), timeProvider, cancellationToken);
            return $"Slept for {seconds} seconds";
        }
    }
}
