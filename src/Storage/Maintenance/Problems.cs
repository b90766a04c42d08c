using System.Collections.Immutable;

namespace Cluster.Storage.Maintenance;

/// <summary>Gathers what is wrong, and counts on when there is too much to tell.</summary>
internal sealed class Problems
{
    private const int MaxTold = 100;

    private readonly ImmutableArray<string>.Builder _told = ImmutableArray.CreateBuilder<string>();

    /// <summary>Gets how much is wrong.</summary>
    public long Count { get; private set; }

    /// <summary>Adds something.</summary>
    /// <param name="problem">What is wrong, as a sentence.</param>
    public void Add(string problem)
    {
        Count++;
        if (_told.Count < MaxTold)
        {
            _told.Add(problem);
        }
    }

    /// <summary>Puts it together.</summary>
    /// <param name="runs">How many runs were looked at.</param>
    /// <returns>The report.</returns>
    public StoreReport ToReport(long runs) => new(runs, _told.ToImmutable(), Count);
}
