using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models.Wire;

/// <summary>
/// Puts tool calls together of which a stream brings a piece at a time. Index and id say which call a piece belongs to, and both may be missing, repeated or wrong; then the name
/// and whether the arguments so far are whole decide.
/// </summary>
/// <param name="toolNames">The tools that the model was told of. A name that is none of them may be the first part of one.</param>
internal sealed class WireToolCalls(IReadOnlySet<string> toolNames)
{
    private readonly List<WireToolCall> _calls = [];

    /// <summary>Gets a value indicating whether there is no call.</summary>
    public bool IsEmpty => _calls.TrueForAll(call => call.IsNothing);

    /// <summary>Takes in the pieces of one message.</summary>
    /// <param name="pieces">A list of pieces, or a single one.</param>
    public void Hear(JsonElement pieces)
    {
        var heard = WireJson.Elements(pieces).Select(WireToolPiece.Read).Where(piece => !piece.IsNothing).ToArray();
        var known = _calls.Count;
        var named = new HashSet<WireToolCall>();
        for (var position = 0; position < heard.Length; position++)
        {
            var piece = heard[position];

            // Pieces without any sign, as many as there are calls, belong to the calls in order.
            var call = piece is { Id: null, Index: null, Name: null } && heard.Length > 1 && known >= heard.Length ? _calls[known - heard.Length + position] : Find(piece);

            // One message does not name a call twice.
            if (call is null || (piece is { Id: null, Name: not null } && named.Contains(call)))
            {
                _calls.Add(call = new WireToolCall(piece.Index));
            }

            call.Add(piece, toolNames);
            if (piece.Name is not null)
            {
                named.Add(call);
            }
        }
    }

    /// <summary>Gives the calls, in the order in which they began.</summary>
    public IEnumerable<FunctionCallContent> Complete() => _calls.Where(call => !call.IsNothing).Select(call => call.Complete());

    /// <summary>Finds the call that a piece belongs to; null when it begins one.</summary>
    private WireToolCall? Find(WireToolPiece piece)
    {
        var byId = piece.Id is null ? null : _calls.FindLast(call => call.Id == piece.Id);
        if (byId is not null)
        {
            return byId.IsOtherCall(piece) ? null : byId;
        }

        var byIndex = piece.Index is null ? null : _calls.FindLast(call => call.Index == piece.Index);
        if (byIndex is not null)
        {
            return byIndex.IsFollowedBy(piece, toolNames) ? byIndex : null;
        }

        return _calls is [.., var last] && MayFollow(piece, last) && last.IsFollowedBy(piece, toolNames) ? last : null;
    }

    /// <summary>Tells whether a piece whose index is new may belong to the last call all the same.</summary>
    private static bool MayFollow(WireToolPiece piece, WireToolCall last) => piece.Index is null || (piece.Name is null && (last.Index is null || piece.Id is null));
}
