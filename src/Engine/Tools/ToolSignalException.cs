using System.Collections.Immutable;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Tools;

/// <summary>A tool tells the run how to go on. Its message is the result of the call.</summary>
public abstract class ToolSignalException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The result of the call, which the model gets.</param>
    protected ToolSignalException(string message)
        : base(message)
    {
    }

    /// <summary>Gets what is added to the conversation behind the result as if the user said it; null for nothing.</summary>
    public string? UserMessage { get; init; }

    /// <summary>Gets what is added to the conversation behind the result as if the agent said it; null for nothing.</summary>
    public string? AgentMessage { get; init; }

    /// <summary>Gets further texts of both, in order: the role, <c>user</c> or <c>assistant</c>, and what is said.</summary>
    public ImmutableArray<(string Role, string Content)> Messages { get; init; } = [];

    /// <summary>Gets a value indicating whether the run ends instead of asking the model again.</summary>
    public abstract bool StopsRun { get; }

    internal IEnumerable<(string Role, string Content)> All => new (string Role, string? Content)[] { (MessageRole.User, UserMessage), (MessageRole.Assistant, AgentMessage) }
        .Where(message => message.Content is not null).Select(message => (message.Role, message.Content!)).Concat(Messages);
}

/// <summary>Sends the model back to work with what the tool says, for instance because its arguments do not do.</summary>
/// <param name="message">What the model is told.</param>
public sealed class RetryRunException(string message) : ToolSignalException(message)
{
    /// <inheritdoc/>
    public override bool StopsRun => false;
}

/// <summary>Ends the run after the calls of this turn. The run is completed, not failed.</summary>
/// <param name="message">The result of the call.</param>
public sealed class StopRunException(string message) : ToolSignalException(message)
{
    /// <inheritdoc/>
    public override bool StopsRun => true;
}
