using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>What keeps a run from going on forever: it ends in a clear message, not in a bill.</summary>
internal static class RunLimits
{
    /// <summary>Tells why the model is not asked again.</summary>
    /// <returns>The error that ends the run; null when the model may be asked.</returns>
    public static RunEvent? Check(AgentRun run)
    {
        var settings = run.Agent.ToolCalls;
        if (run.State.ModelCalls >= settings.MaxModelCalls)
        {
            return Ending.Error(
                run.Stamp,
                $"The run has asked its model {run.State.ModelCalls} times without an end. Raise MaxModelCalls ({settings.MaxModelCalls}) if it needs more.",
                "ModelCallLimitError");
        }

        return settings.MaxRepetitions is { } most && RepeatedCalls.Count(run.State.Output.Messages ?? []) is ({ } tool, var times) && times >= most
            ? Ending.Error(
                run.Stamp,
                $"The model goes round in circles: {times} times in a row it called {tool} with the same arguments and got the same result. "
                + $"Mend the instructions or the tool, or raise MaxRepetitions ({most}) if that is meant.",
                "StuckLoopError")
            : null;
    }
}
