using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>How a stream shows a run.</summary>
/// <param name="ShowAll">Whether all events are shown, or of the run itself only the answer and what ends or pauses it. The events of a team's members are always shown.</param>
/// <param name="WithIndex">Whether events carry their index as a member.</param>
internal sealed record EventView(bool ShowAll, bool WithIndex)
{
    /// <summary>Tells whether an event is shown.</summary>
    /// <param name="next">The event.</param>
    /// <param name="runId">The run that the stream is of.</param>
    /// <param name="isCancelled">Whether the run was cancelled before it: only then its end is part of the short view.</param>
    public bool Shows(RunEvent next, string runId, bool isCancelled) =>
        ShowAll || !IsOf(next, runId) || next is RunContent or RunError or RunPaused or RunCancelled || (isCancelled && next is RunCompleted);

    /// <summary>Tells whether an event is of a run itself, and not of one of its members.</summary>
    public static bool IsOf(RunEvent next, string runId) => next is not AgentEvent told || told.RunId is null || told.RunId == runId;
}
