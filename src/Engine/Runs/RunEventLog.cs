using System.Collections.Immutable;
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
            if (PiecesOf(next) is { IsEmpty: false } pieces && last is not null)
            {
                foreach (var delta in ToDeltas(pieces, next.CreatedAt, last))
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

    /// <summary>Gives the deltas that an event stands for.</summary>
    /// <param name="next">The event.</param>
    /// <returns>The pieces; empty for events that end no model call.</returns>
    internal static ImmutableArray<ContentPiece> PiecesOf(RunEvent next) => next switch
    {
        ModelResponded responded => responded.Pieces,
        StageResponded responded => responded.Pieces,
        ToolCallSettled settled => settled.Shown ?? [],
        _ => [],
    };

    /// <summary>Makes a delta of a piece of an answer.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="elapsed">The seconds from the start of the run to the piece.</param>
    /// <returns>The delta, without run and agent.</returns>
    public static AgentEvent ToDelta(ContentPiece piece, double elapsed = 0)
    {
        ArgumentNullException.ThrowIfNull(piece);
        return piece switch
        {
            { Kind: PieceKind.Thinking } => new ReasoningContentDelta(piece.Reasoning ?? string.Empty) { Elapsed = elapsed },
            { Kind: PieceKind.Intermediate } => new RunIntermediateContent { Content = piece.Text is null ? null : (ContentValue)piece.Text, Elapsed = elapsed },
            { Json: { } json } => new RunContent { Content = new ContentValue(null, json), ContentType = piece.ContentType ?? "dict", Elapsed = elapsed },
            _ => new RunContent { Content = piece.Text is null ? null : (ContentValue)piece.Text, ReasoningContent = piece.Reasoning ?? string.Empty, Elapsed = elapsed },
        };
    }

    private static IEnumerable<AgentEvent> ToDeltas(ImmutableArray<ContentPiece> pieces, long createdAt, AgentEvent last)
    {
        var index = last.EventIndex;
        foreach (var piece in pieces)
        {
            yield return ToDelta(piece) with
            {
                CreatedAt = createdAt,
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
