using System.Diagnostics;
using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>What processes of the measured server use.</summary>
/// <param name="pids">The processes; none for servers elsewhere.</param>
internal sealed class ServerProcesses(int[] pids)
{
    private readonly Dictionary<int, TimeSpan> _before = [];
    private long _since = Stopwatch.GetTimestamp();

    /// <summary>Begins to count.</summary>
    public void Begin()
    {
        _since = Stopwatch.GetTimestamp();
        foreach (var pid in pids)
        {
            using var process = Process.GetProcessById(pid);
            _before[pid] = process.TotalProcessorTime;
        }
    }

    /// <summary>Says what each process used since the beginning, and how much memory it has.</summary>
    public void Print()
    {
        var elapsed = Stopwatch.GetElapsedTime(_since);
        foreach (var pid in pids)
        {
            using var process = Process.GetProcessById(pid);
            var share = (process.TotalProcessorTime - _before.GetValueOrDefault(pid)) / elapsed;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"process {pid}: {share:P1} of a core, {process.WorkingSet64 / 1024.0 / 1024:N0} MiB resident"));
        }
    }
}
