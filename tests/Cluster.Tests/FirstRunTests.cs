using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>The smallest cluster there is.</summary>
public sealed class FirstRunTests
{
    [Fact]
    public async Task One_silo_and_one_gateway_answer_a_reader_a_waiting_client_and_one_that_polls()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 1, gateways: 1, new ClusterSettings { ToolMilliseconds = 100 });
        var seen = new Observations();

        await Task.WhenAll(
            new RunClient(cluster, seen, "worker", 0).StreamAsync(steps: 3),
            new RunClient(cluster, seen, "worker", 1).WaitAsync(steps: 3),
            new RunClient(cluster, seen, "worker", 2).PollAsync(steps: 3));

        var runs = await LoggedRun.ReadAllAsync(cluster.Store);
        Assert.Empty(seen.Violations);
        Assert.Empty(new Guarantees(runs, await cluster.Ledger.ReadAsync()).FindViolations());
        Assert.All(runs, run => Assert.Equal(("COMPLETED", 3), (run.Status, run.Settled.Count())));
        Assert.Equal(3, runs.Count);
    }
}
