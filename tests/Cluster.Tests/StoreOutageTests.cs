using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>The database stands still: it takes connections and answers nothing. See <see cref="ClusterSettings"/> for how long.</summary>
public sealed class StoreOutageTests(ITestOutputHelper output)
{
    private const int Users = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_cluster_outlives_its_database_and_goes_on_when_it_is_back(bool crashes)
    {
        Assert.SkipWhen(ClusterSettings.Server is null, "THE CLUSTER IS NOT TESTED: run ./test.sh, which brings a PostgreSQL server, or set TEST_POSTGRES to a connection string.");
        await using var server = await PostgresServer.StartAsync();
        await using var cluster = await TestCluster.StartAsync(silos: 3, gateways: 2, new ClusterSettings { StoreServer = server.ConnectionString, ToolMilliseconds = 1_000 });
        var runs = new LiveRuns(cluster, "worker", steps: 8);
        await runs.StartAsync(Users);

        await (crashes ? server.CrashAsync() : server.FreezeAsync());
        var comers = Task.WhenAll(
            new RunClient(cluster, runs.Seen, "worker", Users).WaitAsync(steps: 2), new RunClient(cluster, runs.Seen, "worker", Users + 1).StreamAsync(steps: 2));
        await Task.Delay(ClusterSettings.Outage, TimeProvider.System, TestContext.Current.CancellationToken);
        await (crashes ? server.StartAgainAsync() : server.ThawAsync());
        var (silos, gateways) = (cluster.LivingSilos(), cluster.LivingGateways());
        var isFinished = await runs.FinishAsync(Patience);
        await comers.WaitAsync(Patience, TestContext.Current.CancellationToken);

        var verdict = await Verdict.ReadAsync(cluster, runs.Seen);
        output.WriteLine(verdict.Describe());
        Assert.True(isFinished, "Runs or their clients hang.");
        Assert.Empty(verdict.Violations);
        Assert.All(verdict.Runs, run => Assert.Equal("COMPLETED", run.Status));
        Assert.DoesNotContain(silos.Concat(gateways.Select(gateway => gateway.Process)), process => process.HasExited);
        Assert.All(runs.Seen.Refusals.Keys, refusal => Assert.Contains(" 503 {\"detail\":\"", refusal, StringComparison.Ordinal));
    }
}
