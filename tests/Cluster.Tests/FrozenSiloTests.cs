using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>A silo that stands still for longer than the others wait, and then goes on as if nothing had happened: two owners of the same runs.</summary>
public sealed class FrozenSiloTests(ITestOutputHelper output)
{
    private const int Users = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_silo_that_wakes_up_after_its_runs_were_taken_over_changes_nothing_and_leaves()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3, gateways: 1, new ClusterSettings { ToolMilliseconds = 1_000 });
        var runs = new LiveRuns(cluster, "worker", steps: 8);
        await runs.StartAsync(Users);
        var silo = cluster.LivingSilos()[0];

        var at = await cluster.Ledger.ReadTimeAsync();
        await silo.FreezeAsync();
        await WaitForTakeoverAsync(cluster, silo.Name, at);
        await silo.ThawAsync();
        using var patience = new CancellationTokenSource(Patience);
        await silo.WaitForExitAsync(patience.Token);
        var isFinished = await runs.FinishAsync(Patience);

        var verdict = await Verdict.ReadAsync(cluster, runs.Seen);
        output.WriteLine(verdict.Describe());
        output.WriteLine($"from the freeze to the run's next step elsewhere: {Recovery.Describe(Recovery.Measure(verdict.Ledger, [(silo.Name, at)]).Pauses)}");
        Assert.True(isFinished, "Runs or their clients hang.");
        Assert.Empty(verdict.Violations);
        Assert.All(verdict.Runs, run => Assert.Equal("COMPLETED", run.Status));
    }

    [Fact]
    public async Task A_run_whose_tool_must_not_be_repeated_waits_for_a_human_when_its_silo_dies_in_the_middle_of_the_call()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2, gateways: 1, new ClusterSettings { ToolMilliseconds = 4_000 });
        var seen = new Observations();
        var clients = Task.WhenAll(Enumerable.Range(0, 6).Select(slot => new RunClient(cluster, seen, "once", slot).StreamAsync(steps: 2)));
        while ((await cluster.Ledger.ReadAsync()).Count < 6)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var victim = cluster.LivingSilos()[0];
        var caught = (await cluster.Ledger.ReadAsync()).Where(entry => entry.Silo == victim.Name).Select(entry => entry.RunId).ToHashSet();
        await victim.KillAsync();
        await clients.WaitAsync(Patience, TestContext.Current.CancellationToken);

        var verdict = await Verdict.ReadAsync(cluster, seen);
        output.WriteLine(verdict.Describe());
        Assert.Empty(verdict.Violations);
        Assert.Empty(verdict.Repetitions);
        Assert.NotEmpty(caught);
        Assert.All(verdict.Runs, run => Assert.Equal(caught.Contains(run.RunId) ? "PAUSED" : "COMPLETED", run.Status));
    }

    /// <summary>Waits until one of the frozen silo's runs does something elsewhere.</summary>
    private static async Task WaitForTakeoverAsync(TestCluster cluster, string silo, DateTime at)
    {
        while (Recovery.Measure(await cluster.Ledger.ReadAsync(), [(silo, at)]).Pauses.Length == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System);
        }
    }
}
