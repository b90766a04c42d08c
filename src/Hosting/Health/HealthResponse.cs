using System.Text.Json.Serialization;

namespace Cluster.Hosting.Health;

/// <summary>The body of a health answer.</summary>
/// <param name="Status">Live, ready or not ready.</param>
internal sealed record HealthResponse(string Status)
{
    /// <summary>Gets what is not ready and why, by name; null when everything is.</summary>
    public IReadOnlyDictionary<string, string>? NotReady { get; init; }
}

/// <summary>The generated JSON metadata of health answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthResponse))]
internal sealed partial class HealthJsonContext : JsonSerializerContext;
