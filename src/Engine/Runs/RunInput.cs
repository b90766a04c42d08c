using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Runs;

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
