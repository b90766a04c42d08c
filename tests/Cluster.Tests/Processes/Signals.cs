using System.Diagnostics;
using System.Globalization;

namespace Cluster.Tests.Processes;

/// <summary>Sends signals to processes.</summary>
internal static class Signals
{
    public static async Task SendAsync(int processId, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
