using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>How much memory processes of the measured server have, as Linux tells it in <c>/proc/PID/status</c>.</summary>
/// <param name="pids">The processes.</param>
internal sealed class ResidentMemory(int[] pids)
{
    private readonly Dictionary<int, long> _most = pids.ToDictionary(pid => pid, _ => 0L);

    /// <summary>Looks at all processes and gives what they have now, in MiB, divided by bars for a table.</summary>
    /// <returns>One number a process.</returns>
    public string Look() => string.Join(" | ", pids.Select(pid => (Note(pid) / 1024.0).ToString("N0", CultureInfo.InvariantCulture)));

    /// <summary>Gives the most that was seen of each process.</summary>
    /// <returns>One number a process.</returns>
    public string Most() => string.Join(" | ", pids.Select(pid => (_most[pid] / 1024.0).ToString("N0", CultureInfo.InvariantCulture)));

    private long Note(int pid)
    {
        var kilobytes = File.Exists($"/proc/{pid}/status") ? Read($"/proc/{pid}/status") : 0;
        _most[pid] = Math.Max(_most[pid], kilobytes);
        return kilobytes;
    }

    private static long Read(string path)
    {
        const string Resident = "VmRSS:";
        var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(Resident, StringComparison.Ordinal)) ?? $"{Resident} 0 kB";
        return long.Parse(line.AsSpan(Resident.Length).Trim(" kB\t"), CultureInfo.InvariantCulture);
    }
}
