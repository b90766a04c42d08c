namespace Cluster.Storage.Postgres;

/// <summary>Parts writes that are about the same thing: those of one round have nothing in common, and each keeps its place behind what it has something in common with.</summary>
internal static class Rounds
{
    /// <summary>Parts items.</summary>
    /// <typeparam name="TItem">The items.</typeparam>
    /// <param name="items">The items, in the order in which they came.</param>
    /// <param name="keysOf">What an item is about.</param>
    /// <returns>The rounds, of which most batches have one.</returns>
    public static List<List<TItem>> Of<TItem>(IReadOnlyList<TItem> items, Func<TItem, IEnumerable<object>> keysOf)
    {
        var rounds = new List<List<TItem>>();
        var last = new Dictionary<object, int>();
        foreach (var item in items)
        {
            var keys = keysOf(item).ToArray();
            var round = keys.Max(key => last.GetValueOrDefault(key, -1)) + 1;
            foreach (var key in keys)
            {
                last[key] = round;
            }

            if (round == rounds.Count)
            {
                rounds.Add([]);
            }

            rounds[round].Add(item);
        }

        return rounds;
    }
}
