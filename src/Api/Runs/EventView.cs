using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>How a stream shows a run.</summary>
/// <param name="ShowAll">Whether all events are shown, or of the run itself only the answer and what ends or pauses it. The events of a team's members are always shown.</param>
/// <param name="WithIndex">Whether events carry their index as a member.</param>
internal sealed record EventView(bool ShowAll, bool WithIndex)
{
    /// <summary>Begins to look at the events of a run, in their order.</summary>
    /// <param name="runId">The run that the stream is of.</param>
    public EventFilter Of(string runId) => new(ShowAll, runId);

    /// <summary>Tells whether an event is of a run itself, and not of one of its members.</summary>
    public static bool IsOf(RunEvent next, string runId) => next is not AgentEvent told || told.RunId is null || told.RunId == runId;
}
