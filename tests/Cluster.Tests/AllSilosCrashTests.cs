using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>All silos die at once, as they do with their machine, and come back elsewhere: nobody is left who could tell that they are dead.</summary>
public sealed class AllSilosCrashTests(ITestOutputHelper output)
{
    private const int Users = 24;

    /// <summary>The longest on a machine that has no other work, the start of the process included; on one that has, as many times longer as there is more work than processors.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Away = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Runs_go_on_with_the_first_silo_that_returns_and_the_logs_stay_readable()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3, gateways: 1, new ClusterSettings { ToolMilliseconds = 500 });
        var runs = new LiveRuns(cluster, "worker", steps: 6);
        await runs.StartAsync(Users);

        var before = CountLines(cluster);
        var caught = (await cluster.Ledger.ReadAsync()).Select(entry => entry.RunId).ToHashSet();
        await Task.WhenAll(cluster.LivingSilos().Select(silo => silo.KillAsync()));
        await Task.Delay(Away, TimeProvider.System, TestContext.Current.CancellationToken);
        var left = (await cluster.Ledger.ReadAsync()).Count;
        var began = TimeProvider.System.GetTimestamp();
        await cluster.StartSiloAsync();
        var ready = TimeProvider.System.GetElapsedTime(began);
        await WaitForStepAsync(cluster, caught, left);
        var wentOn = TimeProvider.System.GetElapsedTime(began);
        var lines = CountLines(cluster) - before;
        var isFinished = await runs.FinishAsync(Patience);

        var verdict = await Verdict.ReadAsync(cluster, runs.Seen);
        output.WriteLine(verdict.Describe());
        output.WriteLine($"the first silo was ready after {ready.TotalSeconds:0.0} s, the first run went on after {wentOn.TotalSeconds:0.0} s; {lines} lines in all logs since the crash");
        Assert.True(isFinished, "Runs or their clients hang.");
        Assert.Empty(verdict.Violations);
        Assert.InRange(wentOn, TimeSpan.Zero, Longest * Math.Max(1, Machine.LoadPerProcessor()));
        Assert.InRange(lines, 0, 500);
    }

    private static async Task WaitForStepAsync(TestCluster cluster, HashSet<string> caught, int left)
    {
        while (!(await cluster.Ledger.ReadAsync()).Skip(left).Any(entry => caught.Contains(entry.RunId)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System);
        }
    }

    private static int CountLines(TestCluster cluster) => Directory.GetFiles(cluster.Logs).Sum(CountLines);

    /// <summary>The log is being written.</summary>
    private static int CountLines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = 0;
        while (reader.ReadLine() is not null)
        {
            lines++;
        }

        return lines;
    }
}
