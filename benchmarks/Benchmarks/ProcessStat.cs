using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>What Linux tells of a process in <c>/proc/PID/stat</c>.</summary>
/// <param name="Parent">Its parent.</param>
/// <param name="Used">The processor time that it used.</param>
/// <param name="UsedByGoneChildren">The processor time that children used which have ended.</param>
internal sealed record ProcessStat(int Parent, TimeSpan Used, TimeSpan UsedByGoneChildren)
{
    /// <summary>Linux counts in hundredths of a second, whatever its kernel does.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Reads one process.</summary>
    /// <returns>The process; null when it is gone.</returns>
    public static ProcessStat? Read(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));

            // The name in parentheses may hold spaces. What follows begins with the third field.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ').ToArray();
            return new ProcessStat(int.Parse(fields[1], CultureInfo.InvariantCulture), Time(fields[11], fields[12]), Time(fields[13], fields[14]));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads all processes.</summary>
    public static IEnumerable<ProcessStat> All() =>
        from directory in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(directory), out _)
        let stat = Read(int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture))
        where stat is not null
        select stat;

    private static TimeSpan Time(string user, string system) =>
        TimeSpan.FromSeconds((long.Parse(user, CultureInfo.InvariantCulture) + long.Parse(system, CultureInfo.InvariantCulture)) / TicksPerSecond);
}
