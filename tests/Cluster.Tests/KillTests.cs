using System.Security.Cryptography;
using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>Processes die without a warning while people use the cluster. See <see cref="ClusterSettings"/> for how many and how long.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Silos_and_gateways_die_at_random_and_nothing_is_lost_and_nothing_that_finished_is_done_again()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3, gateways: 2);
        var runs = new LiveRuns(cluster, "worker", ClusterSettings.Steps);

        await runs.StartAsync(ClusterSettings.Runs);
        var kills = await KillAsync(cluster);
        var isFinished = await runs.FinishAsync(Patience);

        var verdict = await Verdict.ReadAsync(cluster, runs.Seen);
        output.WriteLine(verdict.Describe());
        var (pauses, slowest, silent) = Recovery.Measure(verdict.Ledger, kills);
        output.WriteLine($"killed {kills.Count} silos; from the kill to the run's next step: {Recovery.Describe(pauses)} ({silent} had no step left; the slowest: {slowest})");
        Assert.True(isFinished, "Runs or their clients hang.");
        Assert.Empty(verdict.Violations);
        Assert.NotEmpty(pauses);
        Assert.All(verdict.Runs, run => Assert.Equal("COMPLETED", run.Status));
    }

    /// <summary>Kills one process after the other and starts others in their place. Two silos are left at least, and one gateway.</summary>
    private static async Task<List<(string Silo, DateTime At)>> KillAsync(TestCluster cluster)
    {
        var kills = new List<(string, DateTime)>();
        var starts = new List<Task>();
        var began = TimeProvider.System.GetTimestamp();
        for (var round = 0; TimeProvider.System.GetElapsedTime(began) < ClusterSettings.Duration; round++)
        {
            await Task.Delay(ClusterSettings.Pause * (RandomNumberGenerator.GetInt32(50, 150) / 100.0), TimeProvider.System);
            var (silos, gateways) = (cluster.LivingSilos(), cluster.LivingGateways());
            if (round % 3 == 2 && gateways.Length > 1)
            {
                await RandomNumberGenerator.GetItems<TestGateway>(gateways, 1)[0].Process.KillAsync();
                starts.Add(cluster.StartGatewayAsync());
            }
            else if (silos.Length > 2)
            {
                RandomNumberGenerator.Shuffle<ServerProcess>(silos);
                var at = await cluster.Ledger.ReadTimeAsync();
                await silos[0].KillAsync();
                kills.Add((silos[0].Name, at));
                starts.Add(cluster.StartSiloAsync());
            }
        }

        await Task.WhenAll(starts);
        return kills;
    }
}
