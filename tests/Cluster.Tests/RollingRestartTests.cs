using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>An update in the middle of the day. See <see cref="ClusterSettings"/> for how many runs live meanwhile.</summary>
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Silos_are_restarted_one_after_the_other_and_no_run_fails_or_pauses_and_no_tool_is_called_twice()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3, gateways: 2);
        var runs = new LiveRuns(cluster, "once", ClusterSettings.Steps);

        await runs.StartAsync(ClusterSettings.Runs);
        var exitCodes = new List<int>();
        foreach (var silo in cluster.LivingSilos())
        {
            exitCodes.Add(await silo.TerminateAsync());
            await cluster.StartSiloAsync();
        }

        var isFinished = await runs.FinishAsync(Patience);

        var verdict = await Verdict.ReadAsync(cluster, runs.Seen);
        output.WriteLine(verdict.Describe());
        Assert.True(isFinished, "Runs or their clients hang.");
        Assert.Empty(verdict.Violations);
        Assert.Empty(verdict.Repetitions);
        Assert.All(verdict.Runs, run => Assert.Equal("COMPLETED", run.Status));
        Assert.All(exitCodes, exitCode => Assert.Equal(0, exitCode));
    }
}
