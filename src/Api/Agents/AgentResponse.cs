using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Cluster.Engine.Messages;

namespace Cluster.Api.Agents;

/// <summary>An agent as consoles show it. Groups hold only what differs from the defaults; a group without such a member is left out.</summary>
internal sealed record AgentResponse
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? DbId { get; init; }

    public string? Description { get; init; }

    public string? Role { get; init; }

    public bool IsFactory { get; init; }

    public required ModelResponse Model { get; init; }

    public ToolsResponse? Tools { get; init; }

    public SessionSettingsResponse? Sessions { get; init; }

    public ReasoningResponse? Reasoning { get; init; }

    public SystemMessageResponse? SystemMessage { get; init; }

    public ExtraMessagesResponse? ExtraMessages { get; init; }

    public ResponseSettingsResponse? ResponseSettings { get; init; }

    public JsonElement? Metadata { get; init; }

    public bool IsComponent { get; init; }
}

/// <summary>An agent's model.</summary>
/// <param name="Name">The name of the client kind.</param>
/// <param name="Model">The model's id at its provider.</param>
/// <param name="Provider">The provider's display name.</param>
internal sealed record ModelResponse(string Name, string Model, string Provider);

/// <summary>What an agent can call.</summary>
internal sealed record ToolsResponse
{
    public IReadOnlyList<ToolResponse>? Tools { get; init; }

    public int? ToolCallLimit { get; init; }

    public string? ToolChoice { get; init; }
}

/// <summary>A tool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What the model is told; null for nothing.</param>
/// <param name="Parameters">The JSON schema of its arguments.</param>
internal sealed record ToolResponse(string Name, string? Description, JsonNode Parameters)
{
    public bool? RequiresConfirmation { get; init; }

    public bool? ExternalExecution { get; init; }

    public string? ApprovalType { get; init; }
}

/// <summary>How an agent uses its sessions.</summary>
/// <param name="SessionTable">The table.</param>
internal sealed record SessionSettingsResponse(string SessionTable)
{
    public bool? AddHistoryToContext { get; init; }

    public int? NumHistoryRuns { get; init; }
}

/// <summary>How an agent thinks before it answers.</summary>
/// <param name="Reasoning">True.</param>
internal sealed record ReasoningResponse(bool Reasoning)
{
    public string? ReasoningAgentId { get; init; }

    public int? ReasoningMinSteps { get; init; }

    public int? ReasoningMaxSteps { get; init; }

    public ModelResponse? ReasoningModel { get; init; }
}

/// <summary>What goes into an agent's system message.</summary>
internal sealed record SystemMessageResponse
{
    public string? SystemMessage { get; init; }

    public string? Description { get; init; }

    public JsonNode? Instructions { get; init; }

    public string? ExpectedOutput { get; init; }

    public string? AdditionalContext { get; init; }

    public bool? Markdown { get; init; }

    public bool? AddNameToContext { get; init; }

    public bool? AddDatetimeToContext { get; init; }

    public bool? AddLocationToContext { get; init; }

    public string? TimezoneIdentifier { get; init; }

    public bool? ResolveInContext { get; init; }

    [JsonIgnore]
    public bool IsDefault => this == new SystemMessageResponse();
}

/// <summary>What else the model is shown.</summary>
/// <param name="AdditionalInput">Messages between the system message and the history.</param>
internal sealed record ExtraMessagesResponse(ImmutableArray<Message> AdditionalInput);

/// <summary>How an agent answers and deals with failures.</summary>
internal sealed record ResponseSettingsResponse
{
    public string? OutputSchemaName { get; init; }

    public int? Retries { get; init; }

    public double? DelayBetweenRetries { get; init; }

    public bool? ExponentialBackoff { get; init; }

    [JsonIgnore]
    public bool IsDefault => this == new ResponseSettingsResponse();
}
