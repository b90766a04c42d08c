using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>
/// What most runs have nothing of. It stands apart from the rest of <see cref="RunOutput"/>, which is copied several times in each run, and those that have nothing share
/// one. Arrays that are not there are the default.
/// </summary>
internal sealed record RunOutputRest
{
    /// <summary>Gets nothing.</summary>
    public static RunOutputRest None { get; } = new();

    public string? TeamId { get; init; }

    public string? TeamName { get; init; }

    public string? ParentRunId { get; init; }

    public string? ReasoningContent { get; init; }

    public ImmutableArray<string> Followups { get; init; }

    public int? LastCheckpointAtMessageIndex { get; init; }

    public string? ForkedFromRunId { get; init; }

    public int? ForkedFromMessageIndex { get; init; }

    public string? ForkedFromSessionId { get; init; }

    public string? RegeneratedFrom { get; init; }

    public ImmutableArray<RunEvent> Events { get; init; }

    public JsonElement? Metadata { get; init; }

    public ImmutableArray<Message> ReasoningMessages { get; init; }

    public ImmutableArray<ReasoningStepContent> ReasoningSteps { get; init; }

    public ImmutableArray<Media> Images { get; init; }

    public ImmutableArray<Media> Videos { get; init; }

    public ImmutableArray<Media> Audio { get; init; }

    public ImmutableArray<Media> Files { get; init; }

    public ImmutableArray<RunRequirement> Requirements { get; init; }

    public ImmutableArray<RunOutput> MemberResponses { get; init; }

    public RunMetrics? MemberCosts { get; init; }

    public ImmutableArray<string>? MemberRuns { get; init; }
}
