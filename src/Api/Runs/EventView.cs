using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>How a stream shows a run.</summary>
/// <param name="ShowAll">Whether all events are shown, or only the answer and what ends or pauses the run.</param>
/// <param name="WithIndex">Whether events carry their index as a member.</param>
internal sealed record EventView(bool ShowAll, bool WithIndex)
{
    /// <summary>Gets a view of everything.</summary>
    public static EventView All { get; } = new(ShowAll: true, WithIndex: true);

    /// <summary>Tells whether an event is shown.</summary>
    /// <param name="next">The event.</param>
    /// <param name="isCancelled">Whether the run was cancelled before it: only then its end is part of the short view.</param>
    public bool Shows(RunEvent next, bool isCancelled) =>
        ShowAll || next is RunContent or RunError or RunPaused or RunCancelled || (isCancelled && next is RunCompleted);
}
