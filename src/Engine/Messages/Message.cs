using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Json;

namespace Cluster.Engine.Messages;

/// <summary>One message of a conversation with a model, in the shape in which runs are stored and served.</summary>
public sealed record Message
{
    /// <summary>Gets the message's own id, a UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the text; null when an assistant message only calls tools.</summary>
    public string? Content { get; init; }

    /// <summary>Gets what a reasoning model thought before it answered; null when it told nothing.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Gets a value indicating whether the message was copied from an earlier run of the session. Such copies are sent to the model, and stored again only when the agent says so.</summary>
    public bool FromHistory { get; init; }

    /// <summary>Gets the summary that the model is shown in place of a tool's result; null when it is shown the result.</summary>
    public string? CompressedContent { get; init; }

    /// <summary>Gets a value indicating whether the loop ends after the tool call that this message reports.</summary>
    public bool StopAfterToolCall { get; init; }

    /// <summary>Gets who speaks: <see cref="MessageRole"/>.</summary>
    public required string Role { get; init; }

    /// <summary>Gets the tool call that a tool message answers; null for other roles.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Gets the tool that a tool message comes from; null for other roles.</summary>
    public string? ToolName { get; init; }

    /// <summary>Gets the arguments with which the tool was called; null for other roles.</summary>
    public JsonElement? ToolArgs { get; init; }

    /// <summary>Gets a value indicating whether the tool failed; null for other roles and for results that came from outside.</summary>
    public bool? ToolCallError { get; init; }

    /// <summary>Gets the tool calls that an assistant message asks for; null when there are none.</summary>
    public ImmutableArray<MessageToolCall>? ToolCalls { get; init; }

    /// <summary>Gets what the provider wants to get back with the message as it was, for instance the signature of thoughts; null for nothing.</summary>
    public JsonElement? ProviderData { get; init; }

    /// <summary>Gets the run's status at the checkpoint behind this message; null when there is none.</summary>
    public string? CheckpointStatus { get; init; }

    /// <summary>Gets when that checkpoint was made, in Unix seconds; null when there is none.</summary>
    public long? CheckpointCreatedAt { get; init; }

    /// <summary>Gets the pictures that came with a user message; null when there are none.</summary>
    public ImmutableArray<Media>? Images { get; init; }

    /// <summary>Gets the sounds that came with a user message; null when there are none.</summary>
    public ImmutableArray<Media>? Audio { get; init; }

    /// <summary>Gets the videos that came with a user message; null when there are none.</summary>
    public ImmutableArray<Media>? Videos { get; init; }

    /// <summary>Gets the files that came with a user message; null when there are none.</summary>
    public ImmutableArray<Media>? Files { get; init; }

    /// <summary>Gets the tokens and times of the model call that made an assistant message; null for other roles.</summary>
    public MessageMetrics? Metrics { get; init; }

    /// <summary>Gets when the message was made, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets everything that is attached.</summary>
    internal IEnumerable<Media> Attached => (Images ?? []).Concat(Audio ?? []).Concat(Videos ?? []).Concat(Files ?? []);

    /// <summary>Gets a value indicating whether content of something that is attached is in the media store.</summary>
    internal bool RefersToContent => Attached.Any(media => media.Content?.Stored is not null);
}

/// <summary>The roles of <see cref="Message.Role"/>.</summary>
public static class MessageRole
{
    /// <summary>Instructions of the developer.</summary>
    public const string System = "system";

    /// <summary>The person or program that the agent works for.</summary>
    public const string User = "user";

    /// <summary>The model.</summary>
    public const string Assistant = "assistant";

    /// <summary>The result of a tool call.</summary>
    public const string Tool = "tool";
}

/// <summary>A tool call as an assistant message carries it.</summary>
/// <param name="Id">The id that the tool message refers to.</param>
/// <param name="Function">What to call.</param>
public sealed record MessageToolCall([property: JsonPropertyOrder(-2)] string Id, MessageFunctionCall Function)
{
    /// <summary>Gets the kind of call; only functions exist.</summary>
    [JsonPropertyOrder(-1)]
    public string Type { get; init; } = "function";

    /// <summary>Gets what the provider wants to get back with the call as it was, for instance Google's signature of the thought behind it; null for nothing.</summary>
    public JsonElement? ExtraContent { get; init; }
}

/// <summary>The function part of a <see cref="MessageToolCall"/>.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments as the model wrote them: JSON text, possibly malformed.</param>
public sealed record MessageFunctionCall(string Name, string Arguments);

/// <summary>A picture, sound, video or file. Exactly one of <see cref="Url"/>, <see cref="Filepath"/> and <see cref="Content"/> is set.</summary>
public sealed record Media : IJsonOnSerializing
{
    /// <summary>The samples a second of a sound that does not tell them.</summary>
    public const int DefaultSampleRate = 24_000;

    /// <summary>The channels of a sound that does not tell them.</summary>
    public const int DefaultChannels = 1;

    /// <summary>Gets the media's own id.</summary>
    public string? Id { get; init; }

    /// <summary>Gets where the model or a tool can fetch it.</summary>
    public string? Url { get; init; }

    /// <summary>Gets the path on the machine that runs the agent.</summary>
    public string? Filepath { get; init; }

    /// <summary>Gets the content: plain text for files of a text type, otherwise base64. What is large is in the media store.</summary>
    public MediaContent? Content { get; init; }

    /// <summary>Gets the short format name, for instance <c>png</c>.</summary>
    public string? Format { get; init; }

    /// <summary>Gets the media type, for instance <c>image/png</c>.</summary>
    public string? MimeType { get; init; }

    /// <summary>Gets the samples a second of a sound; null when they are not known, and for everything else.</summary>
    public int? SampleRate { get; init; }

    /// <summary>Gets the channels of a sound; null when they are not known, and for everything else.</summary>
    public int? Channels { get; init; }

    /// <summary>Gets the name under which a file was uploaded.</summary>
    public string? Filename { get; init; }

    /// <summary>Whoever writes records into a store hears in passing which content they refer to.</summary>
    void IJsonOnSerializing.OnSerializing() => SplitJson.Note(this);
}
