using System.Globalization;

namespace Cluster.Tests.Processes;

/// <summary>The machine that the tests run on, which may have other work.</summary>
internal static class Machine
{
    /// <summary>Gives how much work there was for each processor in the last minute; 1 where the system does not tell.</summary>
    public static double LoadPerProcessor() => File.Exists("/proc/loadavg")
        ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) / Environment.ProcessorCount
        : 1;
}
