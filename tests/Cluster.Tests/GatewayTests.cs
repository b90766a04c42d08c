using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>What a gateway's death costs its clients: a connection, and nothing else.</summary>
public sealed class GatewayTests(ITestOutputHelper output)
{
    private const int Users = 12;

    [Fact]
    public async Task Clients_of_a_gateway_that_was_killed_go_on_at_the_other_one_and_miss_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 1, gateways: 2, new ClusterSettings { ToolMilliseconds = 500 });
        var runs = new LiveRuns(cluster, "once", steps: 6);
        await runs.StartAsync(Users);

        await cluster.LivingGateways()[0].Process.KillAsync();
        var isFinished = await runs.FinishAsync(TimeSpan.FromSeconds(60));

        var verdict = await Verdict.ReadAsync(cluster, runs.Seen);
        output.WriteLine(verdict.Describe());
        Assert.True(isFinished, "Runs or their clients hang.");
        Assert.Empty(verdict.Violations);
        Assert.Empty(verdict.Repetitions);
        Assert.True(runs.Seen.Reconnects > 0, "Nobody was connected to the gateway that was killed.");
        Assert.All(verdict.Runs, run => Assert.Equal("COMPLETED", run.Status));
    }
}
