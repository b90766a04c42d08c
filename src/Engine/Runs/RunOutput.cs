using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>
/// What a run amounts to: the answer with its messages, tool calls and costs. It is a fold over the run's events, the record that
/// stores keep, and what the API answers. Its JSON is that of AgentOS' <c>RunOutput</c>: members that are null are left out.
/// </summary>
public sealed record RunOutput
{
    // An array that is not there is null to everybody else: a nullable one would take twice the place in each of the many copies of this record.
    private readonly ImmutableArray<Message> _messages;
    private readonly ImmutableArray<ToolExecution> _tools;
    private readonly RunOutputRest _rest = RunOutputRest.None;

    /// <summary>Gets the run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the agent that runs; null in the run of a team.</summary>
    public string? AgentId { get; init; }

    /// <summary>Gets the agent's name; null in the run of a team.</summary>
    public string? AgentName { get; init; }

    /// <summary>Gets the team that runs; null in the run of an agent.</summary>
    public string? TeamId
    {
        get => _rest.TeamId;
        init => _rest = value == _rest.TeamId ? _rest : _rest with { TeamId = value };
    }

    /// <summary>Gets the team's name; null in the run of an agent.</summary>
    public string? TeamName
    {
        get => _rest.TeamName;
        init => _rest = value == _rest.TeamName ? _rest : _rest with { TeamName = value };
    }

    /// <summary>Gets the session that the run belongs to.</summary>
    public string? SessionId { get; init; }

    /// <summary>Gets the run that started this one; null for a run that was started from outside.</summary>
    public string? ParentRunId
    {
        get => _rest.ParentRunId;
        init => _rest = value == _rest.ParentRunId ? _rest : _rest with { ParentRunId = value };
    }

    /// <summary>Gets the user on whose behalf the agent runs; null when nobody is named.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the answer; after a failure its message, after a pause what is asked of the human; null before any of it.</summary>
    public ContentValue? Content { get; init; }

    /// <summary>Gets <c>str</c> for a text, otherwise the name of the schema.</summary>
    public string ContentType { get; init; } = "str";

    /// <summary>Gets what a reasoning model thought; null when it told nothing.</summary>
    public string? ReasoningContent
    {
        get => _rest.ReasoningContent;
        init => _rest = value == _rest.ReasoningContent ? _rest : _rest with { ReasoningContent = value };
    }

    /// <summary>Gets the model's id.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the provider's display name.</summary>
    public string? ModelProvider { get; init; }

    /// <summary>Gets suggestions of what to ask next; null when none were made.</summary>
    public ImmutableArray<string>? Followups
    {
        get => _rest.Followups.IsDefault ? null : _rest.Followups;
        init => _rest = (value ?? default) == _rest.Followups ? _rest : _rest with { Followups = value ?? default };
    }

    /// <summary>Gets the session state after the run, an object; null before the run began.</summary>
    public JsonElement? SessionState { get; init; }

    /// <summary>Gets when the run was accepted, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets how far the run is.</summary>
    public RunStatus Status { get; init; }

    /// <summary>Gets how many messages the run had when it was last recorded as a checkpoint; null for runs without checkpoints.</summary>
    public int? LastCheckpointAtMessageIndex
    {
        get => _rest.LastCheckpointAtMessageIndex;
        init => _rest = value == _rest.LastCheckpointAtMessageIndex ? _rest : _rest with { LastCheckpointAtMessageIndex = value };
    }

    /// <summary>Gets the run that this one goes on from; null for a run that began anew.</summary>
    public string? ForkedFromRunId
    {
        get => _rest.ForkedFromRunId;
        init => _rest = value == _rest.ForkedFromRunId ? _rest : _rest with { ForkedFromRunId = value };
    }

    /// <summary>Gets how many messages were taken over from that run; null for a run that began anew.</summary>
    public int? ForkedFromMessageIndex
    {
        get => _rest.ForkedFromMessageIndex;
        init => _rest = value == _rest.ForkedFromMessageIndex ? _rest : _rest with { ForkedFromMessageIndex = value };
    }

    /// <summary>Gets the session that this run was copied from; null for a run that was made here.</summary>
    public string? ForkedFromSessionId
    {
        get => _rest.ForkedFromSessionId;
        init => _rest = value == _rest.ForkedFromSessionId ? _rest : _rest with { ForkedFromSessionId = value };
    }

    /// <summary>Gets the run whose answer this one replaces; null when it replaces none.</summary>
    public string? RegeneratedFrom
    {
        get => _rest.RegeneratedFrom;
        init => _rest = value == _rest.RegeneratedFrom ? _rest : _rest with { RegeneratedFrom = value };
    }

    /// <summary>Gets the tokens and times; null before the first model call ended.</summary>
    public RunMetrics? Metrics { get; init; }

    /// <summary>Gets the public events without the deltas; null where they are not asked for.</summary>
    public ImmutableArray<RunEvent>? Events
    {
        get => _rest.Events.IsDefault ? null : _rest.Events;
        init => _rest = (value ?? default) == _rest.Events ? _rest : _rest with { Events = value ?? default };
    }

    /// <summary>Gets the conversation, system message first; null before the prompt was assembled.</summary>
    public ImmutableArray<Message>? Messages
    {
        get => _messages.IsDefault ? null : _messages;
        init => _messages = value ?? default;
    }

    /// <summary>Gets what the caller attached to the run, an object; null when nothing.</summary>
    public JsonElement? Metadata
    {
        get => _rest.Metadata;
        init => _rest = value is null && _rest.Metadata is null ? _rest : _rest with { Metadata = value };
    }

    /// <summary>Gets what the reasoning model was told and said; null without one.</summary>
    public ImmutableArray<Message>? ReasoningMessages
    {
        get => _rest.ReasoningMessages.IsDefault ? null : _rest.ReasoningMessages;
        init => _rest = (value ?? default) == _rest.ReasoningMessages ? _rest : _rest with { ReasoningMessages = value ?? default };
    }

    /// <summary>Gets the steps of thought before the answer; null without any.</summary>
    public ImmutableArray<ReasoningStepContent>? ReasoningSteps
    {
        get => _rest.ReasoningSteps.IsDefault ? null : _rest.ReasoningSteps;
        init => _rest = (value ?? default) == _rest.ReasoningSteps ? _rest : _rest with { ReasoningSteps = value ?? default };
    }

    /// <summary>Gets pictures that tools made; null without any.</summary>
    public ImmutableArray<Media>? Images
    {
        get => _rest.Images.IsDefault ? null : _rest.Images;
        init => _rest = (value ?? default) == _rest.Images ? _rest : _rest with { Images = value ?? default };
    }

    /// <summary>Gets videos that tools made; null without any.</summary>
    public ImmutableArray<Media>? Videos
    {
        get => _rest.Videos.IsDefault ? null : _rest.Videos;
        init => _rest = (value ?? default) == _rest.Videos ? _rest : _rest with { Videos = value ?? default };
    }

    /// <summary>Gets sounds that tools made; null without any.</summary>
    public ImmutableArray<Media>? Audio
    {
        get => _rest.Audio.IsDefault ? null : _rest.Audio;
        init => _rest = (value ?? default) == _rest.Audio ? _rest : _rest with { Audio = value ?? default };
    }

    /// <summary>Gets files that tools made; null without any.</summary>
    public ImmutableArray<Media>? Files
    {
        get => _rest.Files.IsDefault ? null : _rest.Files;
        init => _rest = (value ?? default) == _rest.Files ? _rest : _rest with { Files = value ?? default };
    }

    /// <summary>Gets the tool calls; null before the first model call ended.</summary>
    public ImmutableArray<ToolExecution>? Tools
    {
        get => _tools.IsDefault ? null : _tools;
        init => _tools = value ?? default;
    }

    /// <summary>Gets what a human was asked for; null when nothing ever was.</summary>
    public ImmutableArray<RunRequirement>? Requirements
    {
        get => _rest.Requirements.IsDefault ? null : _rest.Requirements;
        init => _rest = (value ?? default) == _rest.Requirements ? _rest : _rest with { Requirements = value ?? default };
    }

    /// <summary>Gets what the caller sent.</summary>
    public RunInput? Input { get; init; }

    /// <summary>
    /// Gets the runs of a team's members, in the order in which they were engaged; null in the run of an agent, before the end, and in records: they have records of
    /// their own.
    /// </summary>
    public ImmutableArray<RunOutput>? MemberResponses
    {
        get => _rest.MemberResponses.IsDefault ? null : _rest.MemberResponses;
        init => _rest = (value ?? default) == _rest.MemberResponses ? _rest : _rest with { MemberResponses = value ?? default };
    }

    /// <summary>Gets what the runs of a team's members cost together, so far as they have settled; null without any. It is not a part of <see cref="Metrics"/>.</summary>
    public RunMetrics? MemberCosts
    {
        get => _rest.MemberCosts;
        init => _rest = ReferenceEquals(value, _rest.MemberCosts) ? _rest : _rest with { MemberCosts = value };
    }

    /// <summary>Gets the runs of a team's members in the order in which they were engaged; null without any. Only records hold it.</summary>
    public ImmutableArray<string>? MemberRuns
    {
        get => _rest.MemberRuns;
        init => _rest = value == _rest.MemberRuns ? _rest : _rest with { MemberRuns = value };
    }

    /// <summary>Gets the id of the agent or team that runs.</summary>
    [JsonIgnore]
    public string? ComponentId => TeamId ?? AgentId;

    /// <summary>Gets the name of the agent or team that runs.</summary>
    [JsonIgnore]
    public string? ComponentName => TeamId is null ? AgentName : TeamName;
}
