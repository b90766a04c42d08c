using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Api.Agents;
using Cluster.Engine.Teams;

namespace Cluster.Api.Teams;

/// <summary>A team as consoles show it. As with agents, groups hold only what differs from the defaults.</summary>
internal sealed record TeamResponse
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? DbId { get; init; }

    public string? Description { get; init; }

    public string? Role { get; init; }

    public required TeamMode Mode { get; init; }

    public required ModelResponse Model { get; init; }

    public ToolsResponse? Tools { get; init; }

    public SessionSettingsResponse? Sessions { get; init; }

    public ReasoningResponse? Reasoning { get; init; }

    public TeamToolsResponse? DefaultTools { get; init; }

    public SystemMessageResponse? SystemMessage { get; init; }

    public ResponseSettingsResponse? ResponseSettings { get; init; }

    public TeamStreamResponse? Streaming { get; init; }

    public required IReadOnlyList<MemberResponse> Members { get; init; }

    public JsonElement? Metadata { get; init; }

    public JsonElement? InputSchema { get; init; }

    public bool IsFactory { get; init; }

    public bool IsComponent { get; init; }
}

/// <summary>Which tools a team has by itself.</summary>
/// <param name="GetMemberInformationTool">Whether the leader can ask about members.</param>
internal sealed record TeamToolsResponse(bool GetMemberInformationTool);

/// <summary>What a team streams.</summary>
/// <param name="StreamMemberEvents">Whether the events of members are part of the team's.</param>
internal sealed record TeamStreamResponse(bool StreamMemberEvents);

/// <summary>A member: exactly one of the two is set.</summary>
/// <param name="Agent">The agent; null for a team.</param>
/// <param name="Team">The team; null for an agent.</param>
[JsonConverter(typeof(MemberResponseConverter))]
internal sealed record MemberResponse(AgentResponse? Agent, TeamResponse? Team);

/// <summary>Writes members as what they are.</summary>
internal sealed class MemberResponseConverter : JsonConverter<MemberResponse>
{
    /// <inheritdoc/>
    public override MemberResponse Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Members are only written.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, MemberResponse value, JsonSerializerOptions options)
    {
        object member = value.Team is { } team ? team : value.Agent!;
        JsonSerializer.Serialize(writer, member, options.GetTypeInfo(member.GetType()));
    }
}
