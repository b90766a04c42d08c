using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Api.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Api.Teams;

/// <summary>A team's run in full. It is a <see cref="RunOutput"/> whose members stand in the order in which AgentOS writes those of teams.</summary>
internal sealed record TeamRunOutput
{
    public required string RunId { get; init; }

    public string? TeamId { get; init; }

    public string? TeamName { get; init; }

    public string? SessionId { get; init; }

    public string? ParentRunId { get; init; }

    public string? UserId { get; init; }

    public RunInput? Input { get; init; }

    public ContentValue? Content { get; init; }

    public required string ContentType { get; init; }

    public string? Model { get; init; }

    public string? ModelProvider { get; init; }

    public required IReadOnlyList<MemberRunOutput> MemberResponses { get; init; }

    public string? ReasoningContent { get; init; }

    public ImmutableArray<string>? Followups { get; init; }

    public JsonElement? SessionState { get; init; }

    public long CreatedAt { get; init; }

    public int? LastCheckpointAtMessageIndex { get; init; }

    public string? ForkedFromRunId { get; init; }

    public int? ForkedFromMessageIndex { get; init; }

    public string? ForkedFromSessionId { get; init; }

    public string? RegeneratedFrom { get; init; }

    public ImmutableArray<RunEvent>? Events { get; init; }

    public RunMetrics? Metrics { get; init; }

    public RunStatus Status { get; init; }

    public ImmutableArray<Message>? Messages { get; init; }

    public JsonElement? Metadata { get; init; }

    public ImmutableArray<Message>? ReasoningMessages { get; init; }

    public ImmutableArray<ReasoningStepContent>? ReasoningSteps { get; init; }

    public ImmutableArray<Media>? Images { get; init; }

    public ImmutableArray<Media>? Videos { get; init; }

    public ImmutableArray<Media>? Audio { get; init; }

    public ImmutableArray<Media>? Files { get; init; }

    public ImmutableArray<RunRequirement>? Requirements { get; init; }

    public ImmutableArray<ToolExecution>? Tools { get; init; }

    public static TeamRunOutput Of(RunOutput run) => new()
    {
        RunId = run.RunId,
        TeamId = run.TeamId,
        TeamName = run.TeamName,
        SessionId = run.SessionId,
        ParentRunId = run.ParentRunId,
        UserId = run.UserId,
        Input = run.Input,
        Content = run.Content,
        ContentType = run.ContentType,
        Model = run.Model,
        ModelProvider = run.ModelProvider,
        MemberResponses = [.. (run.MemberResponses ?? []).Select(member => new MemberRunOutput(member))],
        ReasoningContent = run.ReasoningContent,
        Followups = run.Followups,
        SessionState = run.SessionState,
        CreatedAt = run.CreatedAt,
        LastCheckpointAtMessageIndex = run.LastCheckpointAtMessageIndex,
        ForkedFromRunId = run.ForkedFromRunId,
        ForkedFromMessageIndex = run.ForkedFromMessageIndex,
        ForkedFromSessionId = run.ForkedFromSessionId,
        RegeneratedFrom = run.RegeneratedFrom,
        Events = run.Events,
        Metrics = run.Metrics,
        Status = run.Status,
        Messages = run.Messages,
        Metadata = run.Metadata,
        ReasoningMessages = run.ReasoningMessages,
        ReasoningSteps = run.ReasoningSteps,
        Images = run.Images,
        Videos = run.Videos,
        Audio = run.Audio,
        Files = run.Files,
        Requirements = run.Requirements,
        Tools = run.Tools,
    };
}

/// <summary>A member's run in full, in the shape of its kind.</summary>
/// <param name="Run">The run.</param>
[JsonConverter(typeof(MemberRunOutputConverter))]
internal sealed record MemberRunOutput(RunOutput Run);

/// <summary>Writes the runs of members: agents' as the engine does, teams' as teams'.</summary>
internal sealed class MemberRunOutputConverter : JsonConverter<MemberRunOutput>
{
    /// <inheritdoc/>
    public override MemberRunOutput Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Runs of members are only written.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, MemberRunOutput value, JsonSerializerOptions options)
    {
        if (value.Run.TeamId is null)
        {
            JsonSerializer.Serialize(writer, value.Run, EngineJson.Context.RunOutput);
        }
        else
        {
            JsonSerializer.Serialize(writer, TeamRunOutput.Of(value.Run), ApiJson.Context.TeamRunOutput);
        }
    }
}
