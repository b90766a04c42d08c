using System.Text.Json;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Tools;

/// <summary>A call of a tool that is about to be made.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments, an object.</param>
/// <param name="Run">The run that calls.</param>
public sealed record ToolCall(string Name, JsonElement Arguments, RunContext Run)
{
    /// <summary>Gets a value indicating whether a leader hands a task to members with it: what it does is what they do, in runs of their own.</summary>
    public bool IsDelegation => Run.Delegation is not null && TeamTools.IsDelegating(Name);
}

/// <summary>Makes a call: the next middleware, in the end the tool.</summary>
/// <param name="call">The call, possibly with other arguments.</param>
/// <param name="cancellationToken">Stops the call.</param>
/// <returns>What the tool answers.</returns>
public delegate ValueTask<ToolResult> ToolCallNext(ToolCall call, CancellationToken cancellationToken);

/// <summary>
/// Wraps calls of tools: it may change the arguments, make the call more than once or not at all, and change the answer. It runs after the intent to call
/// is on record, so after a crash the effect class of the tool counts for the middleware too.
/// </summary>
/// <param name="call">The call.</param>
/// <param name="next">Makes the call.</param>
/// <param name="cancellationToken">Stops the call.</param>
/// <returns>What the model is told.</returns>
public delegate ValueTask<ToolResult> ToolMiddleware(ToolCall call, ToolCallNext next, CancellationToken cancellationToken);
