using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Cluster.Api.Agents;
using Cluster.Api.Approvals;
using Cluster.Api.Errors;
using Cluster.Api.Home;
using Cluster.Api.Runs;
using Cluster.Api.Sessions;
using Cluster.Api.Teams;
using Cluster.Api.Validation;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;

namespace Cluster.Api.Json;

/// <summary>How the API's own records become JSON. The engine's records inside of them are written as the engine writes them.</summary>
internal static class ApiJson
{
    /// <summary>Gets the metadata under which members that are null are left out.</summary>
    public static ApiJsonContext Context { get; } = new(CreateOptions());

    private static JsonSerializerOptions WithNullsOptions { get; } = CreateWithNulls();

    /// <summary>Gives the metadata that also writes the nulls of an <see cref="ISchema"/>; some routes send them, others do not.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <returns>The metadata.</returns>
    public static JsonTypeInfo<T> WithNulls<T>() => (JsonTypeInfo<T>)WithNullsOptions.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions CreateOptions() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = EngineJson.Options.Encoder,
        Converters = { EngineJson.LongTexts, new FiniteDoubleConverter() },
        MaxDepth = EngineJson.Options.MaxDepth,
    };

    private static JsonSerializerOptions CreateWithNulls()
    {
        var options = CreateOptions();
        options.TypeInfoResolver = ApiJsonContext.Default.WithAddedModifier(static type =>
        {
            foreach (var property in typeof(ISchema).IsAssignableFrom(type.Type) ? type.Properties : [])
            {
                property.ShouldSerialize = static (_, _) => true;
            }
        });
        return options;
    }
}

/// <summary>A REST schema whose nulls are sent on some routes and left out on others.</summary>
internal interface ISchema;

/// <summary>The generated JSON metadata of the API's records. Use it through <see cref="ApiJson"/>, which has the right options.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ErrorResponse))]
[JsonSerializable(typeof(ValidationResponse))]
[JsonSerializable(typeof(ApiRootResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(OsResponse))]
[JsonSerializable(typeof(ConfigResponse))]
[JsonSerializable(typeof(IReadOnlyList<ModelSummary>))]
[JsonSerializable(typeof(AgentResponse))]
[JsonSerializable(typeof(IReadOnlyList<AgentResponse>))]
[JsonSerializable(typeof(TeamResponse))]
[JsonSerializable(typeof(IReadOnlyList<TeamResponse>))]
[JsonSerializable(typeof(RunAcceptedResponse))]
[JsonSerializable(typeof(TeamRunOutput))]
[JsonSerializable(typeof(TeamCheckpointResponse))]
[JsonSerializable(typeof(RunResponse))]
[JsonSerializable(typeof(AgentRunResponse))]
[JsonSerializable(typeof(TeamRunResponse))]
[JsonSerializable(typeof(IReadOnlyList<RunResponse>))]
[JsonSerializable(typeof(Page<SessionResponse>))]
[JsonSerializable(typeof(AgentSessionResponse))]
[JsonSerializable(typeof(TeamSessionResponse))]
[JsonSerializable(typeof(WorkflowSessionResponse))]
[JsonSerializable(typeof(CheckpointsResponse))]
[JsonSerializable(typeof(SessionForkResponse))]
[JsonSerializable(typeof(ApprovalCountResponse))]
[JsonSerializable(typeof(ApprovalStatusResponse))]
[JsonSerializable(typeof(Page<JsonElement>))]
[JsonSerializable(typeof(List<Media>))]
[JsonSerializable(typeof(JsonNode))]
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It lists every record on purpose; its code is generated.")]
internal sealed partial class ApiJsonContext : JsonSerializerContext;
