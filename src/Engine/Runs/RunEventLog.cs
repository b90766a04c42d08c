using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Runs;

/// <summary>Turns a log into what clients saw of it.</summary>
public static class RunEventLog
{
    /// <summary>Gives the public events of a log, with the deltas that were streamed live.</summary>
    /// <param name="events">The log from position 0.</param>
    /// <param name="members">The public events of the members' runs, in the order in which the log engages them; null to leave out what was told of members.</param>
    /// <returns>The events; their indexes have no gaps, but for what is left out.</returns>
    public static IEnumerable<RunEvent> ToPublic(IEnumerable<RunEvent> events, IReadOnlyList<IReadOnlyList<RunEvent>>? members = null)
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

            if (next is MembersHeard heard && members is not null && last is not null)
            {
                foreach (var told in ToTold(heard, members, last))
                {
                    yield return told;
                    last = last with { EventIndex = told.EventIndex };
                }
            }

            if (next.IsPublic)
            {
                last = next as AgentEvent ?? last;
                yield return next;
            }
        }
    }

    /// <summary>
    /// Gives the events of members that a team told. A member that was taken over may have fewer than were told: its deltas were spoken anew, in fewer pieces.
    /// Its last event stands for those that are missing, so that the indexes of the team stay what they were.
    /// </summary>
    private static IEnumerable<RunEvent> ToTold(MembersHeard heard, IReadOnlyList<IReadOnlyList<RunEvent>> members, AgentEvent last)
    {
        var index = last.EventIndex;
        foreach (var (member, first, count, asOwn) in heard.Rows())
        {
            var events = members[member];
            for (var at = first; at < first + count && events.Count > 0; at++)
            {
                var told = events[(int)Math.Min(at, events.Count - 1)];
                yield return (asOwn && told is RunContent words ? AsOwn(words, last) : told) with { EventIndex = ++index };
            }
        }
    }

    private static RunContent AsOwn(RunContent words, AgentEvent last) => words with
    {
        AgentId = last.AgentId,
        AgentName = last.AgentName,
        TeamId = last.TeamId,
        TeamName = last.TeamName,
        RunId = last.RunId,
        ParentRunId = last.ParentRunId,
    };

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
            _ => new RunContent
            {
                Content = piece.Text is null ? null : (ContentValue)piece.Text,
                ContentType = piece.ContentType ?? "str",
                ReasoningContent = piece.Reasoning ?? string.Empty,
                Elapsed = elapsed,
            },
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
                TeamId = last.TeamId,
                TeamName = last.TeamName,
                RunId = last.RunId,
                ParentRunId = last.ParentRunId,
                SessionId = last.SessionId,
                EventIndex = ++index,
            };
        }
    }
}
