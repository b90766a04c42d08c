using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Apis;

/// <summary>How a public API without keys is called: <c>hacker_news</c>, <c>wikipedia</c>, <c>duckduckgo</c>.</summary>
public record ApiToolkitOptions
{
    /// <summary>Gets where the API is. Null, the default, for its usual address. A configured address may be inside of a network.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Gets how long one call may take. The default is 30 seconds.</summary>
    public TimeSpan Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); } = TimeSpan.FromSeconds(30);
}
