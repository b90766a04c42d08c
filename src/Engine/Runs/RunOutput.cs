using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>
/// What a run amounts to: the answer with its messages, tool calls and costs. It is a fold over the run's events, the record that
/// stores keep, and what the API answers. Its JSON is that of AgentOS' <c>RunOutput</c>: members that are null are left out.
/// </summary>
public sealed record RunOutput
{
    // An array that is not there is null to everybody else. Nullable arrays would make each of the many copies of this record a quarter larger.
    private readonly ImmutableArray<string> _followups;
    private readonly ImmutableArray<RunEvent> _events;
    private readonly ImmutableArray<Message> _messages;
    private readonly ImmutableArray<Message> _reasoningMessages;
    private readonly ImmutableArray<ReasoningStepContent> _reasoningSteps;
    private readonly ImmutableArray<Media> _images;
    private readonly ImmutableArray<Media> _videos;
    private readonly ImmutableArray<Media> _audio;
    private readonly ImmutableArray<Media> _files;
    private readonly ImmutableArray<ToolExecution> _tools;
    private readonly ImmutableArray<RunRequirement> _requirements;
    private readonly ImmutableArray<RunOutput> _memberResponses;

    /// <summary>Gets the run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the agent that runs; null in the run of a team.</summary>
    public string? AgentId { get; init; }

    /// <summary>Gets the agent's name; null in the run of a team.</summary>
    public string? AgentName { get; init; }

    /// <summary>Gets the team that runs; null in the run of an agent.</summary>
    public string? TeamId { get; init; }

    /// <summary>Gets the team's name; null in the run of an agent.</summary>
    public string? TeamName { get; init; }

    /// <summary>Gets the session that the run belongs to.</summary>
    public string? SessionId { get; init; }

    /// <summary>Gets the run that started this one; null for a run that was started from outside.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>Gets the user on whose behalf the agent runs; null when nobody is named.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the answer; after a failure its message, after a pause what is asked of the human; null before any of it.</summary>
    public ContentValue? Content { get; init; }

    /// <summary>Gets <c>str</c> for a text, otherwise the name of the schema.</summary>
    public string ContentType { get; init; } = "str";

    /// <summary>Gets what a reasoning model thought; null when it told nothing.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Gets the model's id.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the provider's display name.</summary>
    public string? ModelProvider { get; init; }

    /// <summary>Gets suggestions of what to ask next; null when none were made.</summary>
    public ImmutableArray<string>? Followups
    {
        get => _followups.IsDefault ? null : _followups;
        init => _followups = value ?? default;
    }

    /// <summary>Gets the session state after the run, an object; null before the run began.</summary>
    public JsonElement? SessionState { get; init; }

    /// <summary>Gets when the run was accepted, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets how far the run is.</summary>
    public RunStatus Status { get; init; }

    /// <summary>Gets how many messages the run had when it was last recorded as a checkpoint; null for runs without checkpoints.</summary>
    public int? LastCheckpointAtMessageIndex { get; init; }

    /// <summary>Gets the run that this one goes on from; null for a run that began anew.</summary>
    public string? ForkedFromRunId { get; init; }

    /// <summary>Gets how many messages were taken over from that run; null for a run that began anew.</summary>
    public int? ForkedFromMessageIndex { get; init; }

    /// <summary>Gets the session that this run was copied from; null for a run that was made here.</summary>
    public string? ForkedFromSessionId { get; init; }

    /// <summary>Gets the run whose answer this one replaces; null when it replaces none.</summary>
    public string? RegeneratedFrom { get; init; }

    /// <summary>Gets the tokens and times; null before the first model call ended.</summary>
    public RunMetrics? Metrics { get; init; }

    /// <summary>Gets the public events without the deltas; null where they are not asked for.</summary>
    public ImmutableArray<RunEvent>? Events
    {
        get => _events.IsDefault ? null : _events;
        init => _events = value ?? default;
    }

    /// <summary>Gets the conversation, system message first; null before the prompt was assembled.</summary>
    public ImmutableArray<Message>? Messages
    {
        get => _messages.IsDefault ? null : _messages;
        init => _messages = value ?? default;
    }

    /// <summary>Gets what the caller attached to the run, an object; null when nothing.</summary>
    public JsonElement? Metadata { get; init; }

    /// <summary>Gets what the reasoning model was told and said; null without one.</summary>
    public ImmutableArray<Message>? ReasoningMessages
    {
        get => _reasoningMessages.IsDefault ? null : _reasoningMessages;
        init => _reasoningMessages = value ?? default;
    }

    /// <summary>Gets the steps of thought before the answer; null without any.</summary>
    public ImmutableArray<ReasoningStepContent>? ReasoningSteps
    {
        get => _reasoningSteps.IsDefault ? null : _reasoningSteps;
        init => _reasoningSteps = value ?? default;
    }

    /// <summary>Gets pictures that tools made; null without any.</summary>
    public ImmutableArray<Media>? Images
    {
        get => _images.IsDefault ? null : _images;
        init => _images = value ?? default;
    }

    /// <summary>Gets videos that tools made; null without any.</summary>
    public ImmutableArray<Media>? Videos
    {
        get => _videos.IsDefault ? null : _videos;
        init => _videos = value ?? default;
    }

    /// <summary>Gets sounds that tools made; null without any.</summary>
    public ImmutableArray<Media>? Audio
    {
        get => _audio.IsDefault ? null : _audio;
        init => _audio = value ?? default;
    }

    /// <summary>Gets files that tools made; null without any.</summary>
    public ImmutableArray<Media>? Files
    {
        get => _files.IsDefault ? null : _files;
        init => _files = value ?? default;
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
        get => _requirements.IsDefault ? null : _requirements;
        init => _requirements = value ?? default;
    }

    /// <summary>Gets what the caller sent.</summary>
    public RunInput? Input { get; init; }

    /// <summary>
    /// Gets the runs of a team's members, in the order in which they were engaged; null in the run of an agent, before the end, and in records: they have records of
    /// their own.
    /// </summary>
    public ImmutableArray<RunOutput>? MemberResponses
    {
        get => _memberResponses.IsDefault ? null : _memberResponses;
        init => _memberResponses = value ?? default;
    }

    /// <summary>Gets what the runs of a team's members cost together, so far as they have settled; null without any. It is not a part of <see cref="Metrics"/>.</summary>
    public RunMetrics? MemberCosts { get; init; }

    /// <summary>Gets the runs of a team's members in the order in which they were engaged; null without any. Only records hold it.</summary>
    public ImmutableArray<string>? MemberRuns { get; init; }

    /// <summary>Gets the id of the agent or team that runs.</summary>
    [JsonIgnore]
    public string? ComponentId => TeamId ?? AgentId;

    /// <summary>Gets the name of the agent or team that runs.</summary>
    [JsonIgnore]
    public string? ComponentName => TeamId is null ? AgentName : TeamName;
}

/// <summary>Pictures, sounds, videos and files that belong together.</summary>
public sealed record RunMedia
{
    /// <summary>Gets nothing.</summary>
    public static RunMedia None { get; } = new();

    /// <summary>Gets the pictures.</summary>
    public ImmutableArray<Media> Images { get; init; } = [];

    /// <summary>Gets the videos.</summary>
    public ImmutableArray<Media> Videos { get; init; } = [];

    /// <summary>Gets the sounds.</summary>
    public ImmutableArray<Media> Audio { get; init; } = [];

    /// <summary>Gets the files.</summary>
    public ImmutableArray<Media> Files { get; init; } = [];
}

/// <summary>What the caller sends to an agent.</summary>
public sealed record RunInput
{
    /// <summary>Gets the message: a text, or any JSON value.</summary>
    public required ContentValue InputContent { get; init; }

    /// <summary>Gets the pictures; null without any.</summary>
    public ImmutableArray<Media>? Images { get; init; }

    /// <summary>Gets the videos; null without any.</summary>
    public ImmutableArray<Media>? Videos { get; init; }

    /// <summary>Gets the sounds; null without any.</summary>
    public ImmutableArray<Media>? Audios { get; init; }

    /// <summary>Gets the files; null without any.</summary>
    public ImmutableArray<Media>? Files { get; init; }

    /// <summary>Makes an input of a text.</summary>
    /// <param name="message">The text.</param>
    public static implicit operator RunInput(string message) => FromString(message);

    /// <summary>Makes an input of a text.</summary>
    /// <param name="message">The text.</param>
    /// <returns>The input.</returns>
    public static RunInput FromString(string message) => new() { InputContent = message };

    /// <summary>Makes an input of messages. The model is shown them as they are, behind instructions and history.</summary>
    /// <param name="messages">The messages.</param>
    /// <returns>The input.</returns>
    public static RunInput FromMessages(params IEnumerable<Message> messages) =>
        FromJson(JsonSerializer.SerializeToElement([.. messages], EngineJson.Context.MessageArray));

    /// <summary>Makes an input of JSON: a list of texts becomes lines, objects with <c>role</c> and <c>content</c> become messages, anything else is shown as JSON.</summary>
    /// <param name="value">The JSON.</param>
    /// <returns>The input.</returns>
    public static RunInput FromJson(JsonElement value) => new() { InputContent = new ContentValue(null, value) };
}

/// <summary>How far a run is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    /// <summary>Accepted and recorded; it waits for its turn in the session.</summary>
    [JsonStringEnumMemberName("PENDING")]
    Pending,

    /// <summary>At work.</summary>
    [JsonStringEnumMemberName("RUNNING")]
    Running,

    /// <summary>Ended with an answer.</summary>
    [JsonStringEnumMemberName("COMPLETED")]
    Completed,

    /// <summary>Waits for a human.</summary>
    [JsonStringEnumMemberName("PAUSED")]
    Paused,

    /// <summary>Stopped on request.</summary>
    [JsonStringEnumMemberName("CANCELLED")]
    Cancelled,

    /// <summary>Ended with a failure.</summary>
    [JsonStringEnumMemberName("ERROR")]
    Error,

    /// <summary>Replaced by a run that answered anew.</summary>
    [JsonStringEnumMemberName("REGENERATED")]
    Regenerated,
}
