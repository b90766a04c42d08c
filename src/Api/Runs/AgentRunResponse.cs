using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Api.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Api.Runs;

/// <summary>An agent's run in lists.</summary>
internal sealed record AgentRunResponse : RunResponse
{
    public required string RunId { get; init; }

    public required string ParentRunId { get; init; }

    public required string AgentId { get; init; }

    public required string UserId { get; init; }

    public required RunStatus Status { get; init; }

    public required string RunInput { get; init; }

    public required ContentValue Content { get; init; }

    public required string RunResponseFormat { get; init; }

    public required string ReasoningContent { get; init; }

    public ImmutableArray<JsonElement> ReasoningSteps { get; init; } = [];

    public required RunMetrics Metrics { get; init; }

    public ImmutableArray<Message>? Messages { get; init; }

    public ImmutableArray<ToolExecution>? Tools { get; init; }

    public ImmutableArray<RunEvent>? Events { get; init; }

    public required string CreatedAt { get; init; }

    public ImmutableArray<JsonElement> References { get; init; } = [];

    public JsonElement? Citations { get; init; }

    public ImmutableArray<JsonElement> ReasoningMessages { get; init; } = [];

    public JsonElement? SessionState { get; init; }

    public ImmutableArray<Media> Images { get; init; } = [];

    public ImmutableArray<Media> Videos { get; init; } = [];

    public ImmutableArray<Media> Audio { get; init; } = [];

    public ImmutableArray<Media> Files { get; init; } = [];

    public Media? ResponseAudio { get; init; }

    public required InputMedia InputMedia { get; init; }

    public ImmutableArray<string>? Followups { get; init; }

    public string? ForkedFromRunId { get; init; }

    public int? ForkedFromMessageIndex { get; init; }

    public string? ForkedFromSessionId { get; init; }

    public string? RegeneratedFrom { get; init; }

    public int? LastCheckpointAtMessageIndex { get; init; }

    public static new AgentRunResponse Of(RunOutput run, ImmutableArray<RunEvent> events) => new()
    {
        RunId = run.RunId,
        ParentRunId = Known(run.ParentRunId),
        AgentId = Known(run.AgentId),
        UserId = Known(run.UserId),
        Status = run.Status,
        RunInput = Known(run.Input?.InputContent.ToString()),
        Content = run.Content ?? string.Empty,
        RunResponseFormat = run.ContentType == "str" ? "text" : "json",
        ReasoningContent = Known(run.ReasoningContent),
        Metrics = run.Metrics ?? RunMetrics.None,
        Messages = NotEmpty(run.Messages),
        Tools = NotEmpty(run.Tools),
        Events = NotEmpty<RunEvent>(events),
        CreatedAt = Timestamps.FromUnixSeconds(run.CreatedAt),
        SessionState = run.SessionState,
        InputMedia = InputMedia.Of(run.Input),
        ForkedFromRunId = run.ForkedFromRunId,
        ForkedFromMessageIndex = run.ForkedFromMessageIndex,
        ForkedFromSessionId = run.ForkedFromSessionId,
        RegeneratedFrom = run.RegeneratedFrom,
        LastCheckpointAtMessageIndex = run.LastCheckpointAtMessageIndex,
    };
}
