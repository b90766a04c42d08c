using Cluster.Engine.Messages;

namespace Cluster.Engine.Runs;

/// <summary>Turns a log into what clients saw of it.</summary>
public static class RunEventLog
{
    /// <summary>Gives the public events of a log, with the deltas that were streamed live.</summary>
    /// <param name="events">The log from position 0.</param>
    /// <returns>The events; their indexes have no gaps.</returns>
    public static IEnumerable<RunEvent> ToPublic(IEnumerable<RunEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        AgentEvent? last = null;
        foreach (var next in events)
        {
            if (next is ModelResponded responded && last is not null)
            {
                foreach (var delta in ToDeltas(responded, last))
                {
                    yield return last = delta;
                }
            }

            if (next.IsPublic)
            {
                last = next as AgentEvent ?? last;
                yield return next;
            }
        }
    }

    /// <summary>Makes a delta of a piece of an answer.</summary>
    /// <param name="piece">The piece.</param>
    /// <returns>The delta, without run and agent.</returns>
    public static RunContent ToDelta(ContentPiece piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return new RunContent { Content = piece.Text is null ? null : (ContentValue)piece.Text, ReasoningContent = piece.Reasoning ?? string.Empty };
    }

    private static IEnumerable<RunContent> ToDeltas(ModelResponded responded, AgentEvent last)
    {
        var index = last.EventIndex;
        foreach (var piece in responded.Pieces)
        {
            yield return ToDelta(piece) with
            {
                CreatedAt = responded.CreatedAt,
                AgentId = last.AgentId,
                AgentName = last.AgentName,
                RunId = last.RunId,
                ParentRunId = last.ParentRunId,
                SessionId = last.SessionId,
                EventIndex = ++index,
            };
        }
    }
}
