using System.Diagnostics;
using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>What processes of the measured server use, each with its children: a database server works in those.</summary>
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
            _before[pid] = ProcessorTime(pid);
        }
    }

    /// <summary>Says what each process used since the beginning, and how much memory it has.</summary>
    public void Print()
    {
        var elapsed = Stopwatch.GetElapsedTime(_since);
        foreach (var pid in pids)
        {
            using var process = Process.GetProcessById(pid);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"process {pid}: {Used(pid) / elapsed:P1} of a core, {process.WorkingSet64 / 1024.0 / 1024:N0} MiB resident"));
        }
    }

    /// <summary>Gives what the processes used since the beginning, in milliseconds for each of so many calls: one number a process.</summary>
    /// <param name="calls">How many calls they served.</param>
    /// <returns>The numbers, and their sum where there are several.</returns>
    public string PerCall(int calls)
    {
        var used = pids.Select(pid => Used(pid).TotalMilliseconds / calls).ToArray();
        var each = used.Select(one => one.ToString("N2", CultureInfo.InvariantCulture));
        return used.Length < 2 ? string.Concat(each) : string.Create(CultureInfo.InvariantCulture, $"{string.Join(" + ", each)} = {used.Sum():N2}");
    }

    private TimeSpan Used(int pid) => ProcessorTime(pid) - _before.GetValueOrDefault(pid);

    private static TimeSpan ProcessorTime(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetProcessById(pid);
            return process.TotalProcessorTime;
        }

        return ProcessStat.Read(pid) is { } parent
            ? parent.Used + parent.UsedByGoneChildren + ProcessStat.All().Where(other => other.Parent == pid).Aggregate(TimeSpan.Zero, (sum, child) => sum + child.Used)
            : throw new InvalidOperationException($"There is no process {pid}.");
    }
}
