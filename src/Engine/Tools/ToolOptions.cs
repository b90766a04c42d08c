using System.Collections.Immutable;

namespace Cluster.Engine.Tools;

/// <summary>How a tool is shown to the model and handled by the loop.</summary>
public sealed record ToolOptions
{
    /// <summary>Gets the options that change nothing.</summary>
    public static ToolOptions Default { get; } = new();

    /// <summary>Gets the name that the model sees; null for the method's name in snake_case.</summary>
    public string? Name { get; init; }

    /// <summary>Gets what the model is told about the tool; null for the method's own description.</summary>
    public string? Description { get; init; }

    /// <summary>Gets what is added to the system message of agents that have the tool; null for nothing.</summary>
    public string? Instructions { get; init; }

    /// <summary>Gets what may be done with a call whose outcome is unknown. The default is <see cref="ToolEffect.Once"/>.</summary>
    public ToolEffect Effect { get; init; }

    /// <summary>Gets a value indicating whether a human has to agree before each call.</summary>
    public bool RequiresConfirmation { get; init; }

    /// <summary>Gets the arguments that a human fills in and the model does not see; empty for all of them; null for none.</summary>
    public ImmutableArray<string>? UserInputFields { get; init; }

    /// <summary>Gets a value indicating whether the call is made outside: the run pauses and its continuation brings the result.</summary>
    public bool ExternalExecution { get; init; }

    /// <summary>Gets a value indicating whether a run that pauses for an external call says nothing about it.</summary>
    public bool ExternalExecutionSilent { get; init; }

    /// <summary>Gets whether an approval record goes with a call that waits for a human. A tool of the type <c>required</c> that asks for nothing else asks for confirmation.</summary>
    public ApprovalType ApprovalType { get; init; }

    /// <summary>Gets how long an approval may take before the call counts as rejected; null for no deadline.</summary>
    public TimeSpan? ApprovalTimeout { get; init => field = Durations.Positive(value, nameof(ApprovalTimeout)); }

    /// <summary>Gets what a call asks of the user instead of being made.</summary>
    internal UserQuestion Question { get; init; }

    /// <summary>Gets a value indicating whether a call waits for a human.</summary>
    internal bool Pauses => RequiresConfirmation || UserInputFields is not null || ExternalExecution || Question != UserQuestion.None;

    /// <summary>Gets a value indicating whether such calls of one turn are made one after the other, as the model asked for them, beside all others.</summary>
    internal bool InOrder { get; init; }

    /// <summary>Gets a value indicating whether the run ends after a call instead of asking the model again.</summary>
    public bool StopAfterCall { get; init; }

    /// <summary>Gets a value indicating whether the result is shown to the user as a part of the answer.</summary>
    public bool ShowResult { get; init; }

    /// <summary>Gets how long the result of a call may be used again for the same arguments, agent and user; null to call each time.</summary>
    public TimeSpan? CacheFor { get; init => field = Durations.Positive(value, nameof(CacheFor)); }

    /// <summary>Gets how long a call may take before the model is told that it took too long; null for the agent's <see cref="Agents.ToolCallSettings.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); }

    /// <summary>Gets what wraps the calls of this tool, inside of what wraps all calls of the agent; the first is the outermost.</summary>
    public ImmutableArray<ToolMiddleware> Middleware { get; init; } = [];

    /// <summary>
    /// Gets what finds out whether a call of a <see cref="ToolEffect.Once"/> tool was made, when the process died while it worked. It gives the result of a
    /// call that was made, and null for one that certainly was not, which is made then. When it throws, or is not set, a human is asked.
    /// </summary>
    public Func<ToolCall, CancellationToken, ValueTask<ToolResult?>>? VerifyAsync { get; init; }
}

/// <summary>Whether an approval record goes with the calls of a tool that wait for a human.</summary>
public enum ApprovalType
{
    /// <summary>None: whoever may continue the run decides.</summary>
    None,

    /// <summary>The run goes on when the record is approved or rejected.</summary>
    Required,

    /// <summary>The record is written when the call has been decided about, and only tells what was decided.</summary>
    Audit,
}

/// <summary>What a call asks of the user instead of being made.</summary>
internal enum UserQuestion
{
    None,
    Input,
    Feedback,
}
