using Cluster.Engine.Models;

namespace Cluster.Engine.Agents;

/// <summary>Which model a run asks next.</summary>
internal static class ModelChoice
{
    /// <summary>Gives the agent's model, or the fallback that stands in for it.</summary>
    public static ModelSource? Of(AgentRun run)
    {
        var stages = run.State.Stages;
        return stages is { Fallback: > 0, FallbackCause: { } cause } && run.Agent.Fallbacks.For(cause) is var models && stages.Fallback <= models.Length
            ? models[stages.Fallback - 1]
            : run.Agent.Model;
    }

    /// <summary>Gives the place of the fallback to ask after a failure; null when there is none left.</summary>
    public static (ModelErrorKind Cause, int Number)? Next(AgentRun run, ModelErrorKind failure)
    {
        // The failure that began it chooses the list; what a fallback fails with only moves on.
        var cause = run.State.Stages.FallbackCause ?? failure;
        var number = run.State.Stages.Fallback + 1;
        return number <= run.Agent.Fallbacks.For(cause).Length ? (cause, number) : null;
    }
}
