using System.Text.Json.Serialization;

namespace Cluster.Api.Home;

/// <summary>What answers at the root.</summary>
/// <param name="Name">What this is.</param>
/// <param name="Id">The installation's id.</param>
/// <param name="Version">The installation's version.</param>
internal sealed record ApiRootResponse(string Name, string Id, string Version);

/// <summary>That the process serves requests.</summary>
/// <param name="Status">Always <c>ok</c>.</param>
/// <param name="InstantiatedAt">Since when, with microseconds.</param>
internal sealed record HealthResponse(string Status, string InstantiatedAt);

/// <summary>When the routes were mapped.</summary>
/// <param name="At">The time.</param>
internal sealed record StartTime(DateTimeOffset At);

/// <summary>What an unauthenticated client may know.</summary>
internal sealed record OsResponse
{
    /// <summary>The version of the AgentOS contract that this API follows.</summary>
    public const string ContractVersion = "2.9.0";

    public required string OsId { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Name { get; init; }

    public string AgnoVersion { get; init; } = ContractVersion;

    public int AgentCount { get; init; }

    public int TeamCount { get; init; }

    public int WorkflowCount { get; init; }

    public McpSummary Mcp { get; init; } = new();

    public string AuthMode { get; init; } = "none";
}

/// <summary>Whether the API is also an MCP server.</summary>
internal sealed record McpSummary
{
    public bool Enabled { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Path { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Oauth { get; init; }
}

/// <summary>A model in lists.</summary>
/// <param name="Id">The model's id at its provider.</param>
/// <param name="Provider">The provider's display name.</param>
internal sealed record ModelSummary(string Id, string Provider);
