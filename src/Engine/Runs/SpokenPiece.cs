using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Cluster.Engine.Runs;

/// <summary>A delta of the model call that is under way: a list that grows without copying.</summary>
/// <param name="Delta">The delta.</param>
/// <param name="Earlier">The deltas before it; null for the first.</param>
/// <param name="Count">How many deltas there are.</param>
public sealed record SpokenPiece(IDelta Delta, SpokenPiece? Earlier, int Count)
{
    /// <summary>Gets the deltas in order.</summary>
    /// <param name="last">The newest delta; null for none.</param>
    /// <returns>The deltas.</returns>
    public static ImmutableArray<ContentPiece> ToArray(SpokenPiece? last)
    {
        var pieces = new ContentPiece[last?.Count ?? 0];
        for (var (piece, i) = (last, pieces.Length - 1); piece is not null; piece = piece.Earlier, i--)
        {
            pieces[i] = piece.Delta.ToPiece();
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(pieces);
    }
}
