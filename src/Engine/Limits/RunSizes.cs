using Cluster.Engine.Runs;

namespace Cluster.Engine.Limits;

/// <summary>Tells how much memory runs take.</summary>
internal static class RunSizes
{
    /// <summary>What a run takes that said and was told nothing.</summary>
    private const int Frame = 8 * 1024;

    /// <summary>Tells how much a run takes.</summary>
    /// <param name="state">Where it stands.</param>
    /// <param name="feed">Its public events.</param>
    /// <returns>The bytes, roughly: a character takes two, and texts that stand in several places are counted in each.</returns>
    public static long Of(RunState state, RunFeed feed)
    {
        var size = EventSizes.Of(state.Output.Messages) + EventSizes.Of(state.Output.ReasoningMessages);
        size += state.History.IsDefault ? 0 : EventSizes.Of(state.History);
        foreach (var next in feed.Available(0, int.MaxValue).Span)
        {
            size += EventSizes.Of(next);
        }

        return Frame + 2 * size;
    }
}
