using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Hooks;

/// <summary>What is done before a run asks its model and after it has answered.</summary>
public sealed record RunHooks
{
    /// <summary>Gets no hooks.</summary>
    public static RunHooks None { get; } = new();

    /// <summary>Gets what looks at the input, in order. Guardrails come before.</summary>
    public ImmutableArray<PreHook> Pre { get; init; } = [];

    /// <summary>Gets what looks at the answer, in order. Guardrails come before.</summary>
    public ImmutableArray<PostHook> Post { get; init; } = [];
}

/// <summary>
/// Looks at the input of a run when it begins, and may change it. An <see cref="Guardrails.InputCheckException"/> ends the run; whatever else it
/// throws is logged and ignored. After a crash before the first model call ended, it is called again.
/// </summary>
/// <param name="Name">The name in events.</param>
/// <param name="Run">Gets the input and gives the one to work on.</param>
public sealed record PreHook(string Name, Func<RunInput, RunContext, CancellationToken, ValueTask<RunInput>> Run)
{
    /// <summary>Gets a value indicating whether the run goes on without waiting. What such a hook gives or throws changes nothing, and a crash may lose it.</summary>
    public bool InBackground { get; init; }
}

/// <summary>
/// Looks at what a run amounts to before it ends, and may change its answer: of the output that it gives, content and kind of content are taken. An
/// <see cref="Guardrails.OutputCheckException"/> ends the run with an error; whatever else it throws is logged and ignored. After a crash it may be called again.
/// </summary>
/// <param name="Name">The name in events.</param>
/// <param name="Run">Gets the output and gives the one to end with.</param>
public sealed record PostHook(string Name, Func<RunOutput, RunContext, CancellationToken, ValueTask<RunOutput>> Run)
{
    /// <summary>Gets a value indicating whether the run goes on without waiting. What such a hook gives or throws changes nothing, and a crash may lose it.</summary>
    public bool InBackground { get; init; }
}
