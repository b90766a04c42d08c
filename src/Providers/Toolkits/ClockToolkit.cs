using System.ComponentModel;
using System.Globalization;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits;

/// <summary>The date and the time, for agents that are written down in YAML.</summary>
public static class ClockToolkit
{
    /// <summary>Makes the toolkit <c>clock</c>.</summary>
    /// <param name="timeProvider">The clock.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        return new Toolkit { Name = "clock", Tools = [Tool.Create(CurrentTime, new ToolOptions { Effect = ToolEffect.Pure })] };

        [Description("Tells the current date and time.")]
        string CurrentTime([Description("The time zone, an IANA name such as Europe/Berlin.")] string timeZone = "UTC") =>
            TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone)
                ? TimeZoneInfo.ConvertTime(timeProvider.GetUtcNow(), zone).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture)
                : throw new InvalidRequestException($"'{timeZone}' is no time zone. Give an IANA name, for instance Europe/Berlin.");
    }
}
