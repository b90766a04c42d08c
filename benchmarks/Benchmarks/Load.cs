using System.Diagnostics;

namespace Cluster.Benchmarks;

/// <summary>Keeps a number of callers busy for a while and counts.</summary>
internal static class Load
{
    private const double MillisecondsPerSecond = 1000;

    public static async Task<LoadResult> RunAsync(int callers, TimeSpan length, Func<int, CancellationToken, Task<double>> callAsync, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var allocated = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => CallAsync(caller, clock, length, callAsync, end.Token)));
        var elapsed = clock.Elapsed.TotalSeconds;
        var all = latencies.SelectMany(list => list).ToArray();
        Array.Sort(all, (left, right) => left.Total.CompareTo(right.Total));
        var first = all.Select(call => call.First).Order().ToArray();
        return new LoadResult(
            callers, all.Length, all.Length / elapsed, At(all, 0.5).Total, At(all, 0.99).Total, first[first.Length / 2], first[(int)(first.Length * 0.99)],
            (GC.GetTotalAllocatedBytes() - allocated) / (double)all.Length);
    }

    private static async Task<List<(double Total, double First)>> CallAsync(
        int caller, Stopwatch clock, TimeSpan length, Func<int, CancellationToken, Task<double>> callAsync, CancellationToken cancellationToken)
    {
        var latencies = new List<(double Total, double First)>();
        while (clock.Elapsed < length)
        {
            var start = Stopwatch.GetTimestamp();
            var first = await callAsync(caller, cancellationToken);
            latencies.Add((Stopwatch.GetElapsedTime(start).TotalSeconds * MillisecondsPerSecond, first));
        }

        return latencies;
    }

    private static (double Total, double First) At((double Total, double First)[] sorted, double quantile) => sorted[(int)(sorted.Length * quantile)];
}

/// <summary>What a number of callers got.</summary>
/// <param name="Callers">How many callers.</param>
/// <param name="Calls">How many calls they made, all together.</param>
/// <param name="PerSecond">Calls a second, all callers together.</param>
/// <param name="Median">Half of the calls took at most so many milliseconds.</param>
/// <param name="P99">99 % of the calls took at most so many milliseconds.</param>
/// <param name="FirstMedian">Half of the calls had their first event after at most so many milliseconds.</param>
/// <param name="FirstP99">99 % of the calls had their first event after at most so many milliseconds.</param>
/// <param name="BytesPerCall">Bytes allocated in the measuring process per call.</param>
internal sealed record LoadResult(int Callers, int Calls, double PerSecond, double Median, double P99, double FirstMedian, double FirstP99, double BytesPerCall);
