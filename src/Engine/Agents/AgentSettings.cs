using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>What an agent is told to do: nothing, one text, a list, or what a function says when the run begins.</summary>
public sealed record Instructions
{
    /// <summary>Gets no instructions.</summary>
    public static Instructions None { get; } = new();

    /// <summary>Gets the lines; one stands alone, several become a list.</summary>
    public ImmutableArray<string> Lines { get; init; } = [];

    /// <summary>Gets the function that gives the lines for a run; null to use <see cref="Lines"/>.</summary>
    public Func<RunContext, CancellationToken, ValueTask<ImmutableArray<string>>>? Compute { get; init; }

    /// <summary>Makes instructions of one text.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator Instructions(string text) => FromString(text);

    /// <summary>Makes instructions of several texts.</summary>
    /// <param name="lines">The texts.</param>
    public static implicit operator Instructions(string[] lines) => FromStringArray(lines);

    /// <summary>Makes instructions of one text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The instructions.</returns>
    public static Instructions FromString(string text) => new() { Lines = [text] };

    /// <summary>Makes instructions of several texts.</summary>
    /// <param name="lines">The texts.</param>
    /// <returns>The instructions.</returns>
    public static Instructions FromStringArray(string[] lines) => new() { Lines = [.. lines] };
}

/// <summary>How tools are called.</summary>
public sealed record ToolCallSettings
{
    /// <summary>Gets the settings that change nothing.</summary>
    public static ToolCallSettings Default { get; } = new();

    /// <summary>Gets how many calls one run may make; further ones are refused and the model is told so, and asked for an answer only. Null for no limit.</summary>
    [Range(0, int.MaxValue)]
    public int? Limit { get; init; }

    /// <summary>Gets how often one run may ask its model, failed attempts included, before it ends with an error. The default is 100.</summary>
    [Range(1, int.MaxValue)]
    public int MaxModelCalls { get; init; } = 100;

    /// <summary>
    /// Gets <c>auto</c>, <c>none</c>, <c>required</c> or the name of the tool that the model must call; null for the provider's default. A model that must
    /// call is free to answer as soon as the run has a result.
    /// </summary>
    public string? Choice { get; init; }

    /// <summary>Gets how many calls of one turn work at the same time. The default is 16.</summary>
    [Range(1, 1_000)]
    public int Parallel { get; init; } = 16;

    /// <summary>Gets how long a call may take before the model is told that it took too long; null for no limit.</summary>
    public TimeSpan? Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); }

    /// <summary>
    /// Gets how often in a row the model may make the same calls with the same results before the run ends with an error. The default is 5; null for no limit.
    /// </summary>
    [Range(2, 1_000)]
    public int? MaxRepetitions { get; init; } = 5;

    /// <summary>Gets what wraps the calls of all tools; the first is the outermost. It is not told to other processes.</summary>
    [JsonIgnore]
    public ImmutableArray<ToolMiddleware> Middleware { get; init; } = [];
}

/// <summary>What goes into the prompt beside description, role and instructions.</summary>
public sealed record PromptSettings
{
    /// <summary>Gets the settings that change nothing.</summary>
    public static PromptSettings Default { get; } = new();

    /// <summary>Gets the whole system message; null to assemble it.</summary>
    public string? SystemMessage { get; init; }

    /// <summary>Gets what the answer should look like; null for nothing.</summary>
    public string? ExpectedOutput { get; init; }

    /// <summary>Gets a text that is appended as it is; null for nothing.</summary>
    public string? AdditionalContext { get; init; }

    /// <summary>Gets messages that go between the system message and the history.</summary>
    public ImmutableArray<Message> AdditionalInput { get; init; } = [];

    /// <summary>Gets a value indicating whether the answer is asked for in Markdown.</summary>
    public bool Markdown { get; init; }

    /// <summary>Gets a value indicating whether the model is told the date and time.</summary>
    public bool AddDateTime { get; init; }

    /// <summary>Gets the time zone of the date and time, an IANA name; null for UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Gets the place that the model is told; null for none. Nothing looks it up.</summary>
    public string? Location { get; init; }

    /// <summary>Gets a value indicating whether the model is told the agent's name.</summary>
    public bool AddName { get; init; }

    /// <summary>Gets a value indicating whether instructions stand in a tag of their own.</summary>
    public bool UseInstructionTags { get; init; }

    /// <summary>Gets a value indicating whether <c>{name}</c> in prompts is replaced from session state, dependencies, metadata and user. The default is true.</summary>
    public bool ResolveTemplates { get; init; } = true;

    /// <summary>Gets a value indicating whether the model is sent the pictures, sounds, videos and files of the input; tools have them in any case. The default is true.</summary>
    public bool SendMedia { get; init; } = true;
}

/// <summary>How much of the session the model is shown.</summary>
public sealed record HistorySettings
{
    /// <summary>Gets the settings that show nothing.</summary>
    public static HistorySettings Default { get; } = new();

    /// <summary>Gets a value indicating whether earlier runs are shown.</summary>
    public bool AddToContext { get; init; }

    /// <summary>Gets how many of the last runs are shown; null for 3 unless <see cref="Messages"/> is set.</summary>
    [Range(1, 10_000)]
    public int? Runs { get; init; }

    /// <summary>Gets how many of the last messages are shown; null for no such bound. <see cref="Runs"/> wins when both are set.</summary>
    [Range(1, 100_000)]
    public int? Messages { get; init; }

    /// <summary>Gets how many of the last tool calls are kept in it; null for all.</summary>
    [Range(0, 100_000)]
    public int? MaxToolCalls { get; init; }
}

/// <summary>What is stored of a run when it ends. Its log keeps what a successor needs, whatever is chosen here.</summary>
public sealed record RecordSettings
{
    /// <summary>Gets the settings that store all but the history.</summary>
    public static RecordSettings Default { get; } = new();

    /// <summary>Gets a value indicating whether pictures, sounds, videos and files are stored. The default is true.</summary>
    public bool Media { get; init; } = true;

    /// <summary>Gets a value indicating whether tool calls and their results are stored among the messages. The default is true.</summary>
    public bool ToolMessages { get; init; } = true;

    /// <summary>Gets a value indicating whether the messages of earlier runs that the model was shown are stored once more.</summary>
    public bool HistoryMessages { get; init; }
}

/// <summary>What sessions start with and how the model deals with it.</summary>
public sealed record SessionStateSettings
{
    /// <summary>Gets the settings that change nothing.</summary>
    public static SessionStateSettings Default { get; } = new();

    /// <summary>Gets the state of a new session, an object; null for an empty one.</summary>
    public JsonElement? Initial { get; init; }

    /// <summary>Gets a value indicating whether the state is appended to the system message.</summary>
    public bool AddToContext { get; init; }

    /// <summary>Gets a value indicating whether the model gets the tool <c>update_session_state</c>.</summary>
    public bool Agentic { get; init; }

    /// <summary>Gets a value indicating whether the state of a request replaces what the session has instead of being laid over it.</summary>
    public bool OverwriteStored { get; init; }
}

/// <summary>Values for templates, tools and the user message.</summary>
public sealed record Dependencies
{
    /// <summary>Gets no dependencies.</summary>
    public static Dependencies None { get; } = new();

    /// <summary>Gets the values, an object; null for none.</summary>
    public JsonElement? Values { get; init; }

    /// <summary>Gets the function that gives further values when a run begins, an object; null for none.</summary>
    public Func<RunContext, CancellationToken, ValueTask<JsonElement>>? Compute { get; init; }

    /// <summary>Gets a value indicating whether the values are appended to the user message.</summary>
    public bool AddToContext { get; init; }
}

/// <summary>How often a failed run is tried again. Tool calls that finished are never repeated.</summary>
public sealed record RetrySettings
{
    /// <summary>Gets the settings without any retry.</summary>
    public static RetrySettings Default { get; } = new();

    /// <summary>Gets how often at most. The default is 0.</summary>
    [Range(0, 100)]
    public int Retries { get; init; }

    /// <summary>Gets the pause before a retry. The default is one second.</summary>
    public TimeSpan Delay { get; init => field = Durations.Pause(value, nameof(Delay)); } = TimeSpan.FromSeconds(1);

    /// <summary>Gets a value indicating whether the pause doubles each time.</summary>
    public bool ExponentialBackoff { get; init; }
}
