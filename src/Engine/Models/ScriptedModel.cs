using System.Collections.Immutable;
using System.Text.Json;

namespace Cluster.Engine.Models;

/// <summary>
/// What a scripted model says: a tool call first, if one is scripted and offered, then a text. It makes agents testable, and it answers when
/// no key is configured, so that the first run works offline.
/// </summary>
public sealed record Script
{
    /// <summary>Gets the text of the answer. <c>{input}</c> stands for the last user message, <c>{result}</c> for the tool results since then, joined by <c>"; "</c>.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>Gets the tool calls to make before the answer. Calls of tools that are not offered are left out.</summary>
    public ImmutableArray<ScriptedCall> Calls { get; init; } = [];

    /// <summary>Gets the message with which every call fails; null to answer.</summary>
    public string? Failure { get; init; }

    /// <summary>Gets into how many nearly equal deltas a text is cut, at least 1. The default is 20.</summary>
    public int Deltas { get; init; } = 20;

    /// <summary>Gets how long the model thinks before it answers. The default is not at all.</summary>
    public TimeSpan DelayBefore { get; init; }

    /// <summary>Gets the pause between deltas. The default is none.</summary>
    public TimeSpan DelayBetween { get; init; }
}

/// <summary>A tool call of a <see cref="Script"/>.</summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Arguments">The arguments, an object. Strings in it may hold <c>{input}</c>.</param>
public sealed record ScriptedCall(string Tool, JsonElement Arguments);

/// <summary>Makes scripted models: <see cref="DefaultReference"/> and those that were given a name.</summary>
public sealed class ScriptedModelProvider : IModelProvider
{
    /// <summary>The reference of the model that answers when an agent names none.</summary>
    public const string DefaultReference = "scripted:scripted-1";

    private static readonly Script Default = new()
    {
        Text = "This is the built-in scripted model; it needs no key and knows nothing. You said: {input}",
    };

    /// <inheritdoc/>
    public string Name => "scripted";

    /// <inheritdoc/>
    public bool IsConfigured => true;

    /// <summary>Makes a model that follows a script.</summary>
    /// <param name="script">What it says.</param>
    /// <param name="id">The model's id. The default is <c>scripted-1</c>.</param>
    /// <param name="timeProvider">The clock for delays; null for the system's.</param>
    /// <returns>The model.</returns>
    public static ChatModel Create(Script script, string id = "scripted-1", TimeProvider? timeProvider = null) =>
        new() { Id = id, Name = "Scripted", Provider = "Scripted", Client = new ScriptedChatClient(script, timeProvider ?? TimeProvider.System) };

    /// <inheritdoc/>
    public ChatModel Create(string modelId) => Create(Default, modelId);
}
