using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>
/// Chooses the events that one stream shows. The short view holds the answer in pieces that belong together; where an attempt fails in the middle of them, the next
/// question to a model is shown, which says that they count no more, and the end, which has the whole answer.
/// </summary>
/// <param name="showAll">Whether all events are shown.</param>
/// <param name="runId">The run that the stream is of.</param>
internal sealed class EventFilter(bool showAll, string runId)
{
    private bool _isAsking;
    private bool _hasSpoken;
    private bool _showsEnd;

    /// <summary>Tells whether the next event is shown.</summary>
    public bool Shows(RunEvent next)
    {
        if (!IsOfRun(next))
        {
            return true;
        }

        var isReset = next is ModelRequestStarted && _isAsking && _hasSpoken;
        Note(next);

        // Of a run that was cancelled, the end is part of the short view, too.
        _showsEnd |= isReset || next is RunCancelled;
        return showAll || isReset || IsShort(next) || (_showsEnd && next is RunCompleted);
    }

    /// <summary>Keeps how far the question under way is.</summary>
    private void Note(RunEvent next)
    {
        _isAsking = next is ModelRequestStarted || (_isAsking && next is not ModelRequestCompleted);
        _hasSpoken = (_hasSpoken && next is not (ModelRequestStarted or ModelRequestCompleted)) || next is RunContent;
    }

    private static bool IsShort(RunEvent next) => next is RunContent or RunError or RunPaused or RunCancelled;

    private bool IsOfRun(RunEvent next) => EventView.IsOf(next, runId);
}
