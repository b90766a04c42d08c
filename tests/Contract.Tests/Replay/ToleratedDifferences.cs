using System.Collections.Immutable;

namespace Cluster.Contract.Tests.Replay;

/// <summary>Every difference from the recordings that is meant, in one place. <c>docs/compatibility.md</c> holds each reason word for word.</summary>
internal static class ToleratedDifferences
{
    public static ImmutableArray<Tolerance> All { get; } = [];
}
