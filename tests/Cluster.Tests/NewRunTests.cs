using System.Security.Cryptography;
using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>What those see who come just when a silo dies, joins, is replaced or hangs. See <see cref="ClusterSettings"/> for how often.</summary>
public sealed class NewRunTests(ITestOutputHelper output)
{
    /// <summary>The longest that an answer may take on a machine that has no other work; on one that has, it may take as many times longer as there is more work than processors.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task New_runs_are_answered_and_gateways_stay_ready_while_silos_die_join_are_replaced_and_hang()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3, gateways: 2);
        await using var probe = ReadinessProbe.Start(cluster.LivingGateways());
        using var newcomers = new Newcomers(cluster);
        newcomers.Start();
        await newcomers.WarmUpAsync(Patience);

        Phase[] phases =
        [
            await WatchAsync("calm seconds", 1, () => Task.Delay(Calm, TimeProvider.System)),
            await WatchAsync("kills", ClusterSettings.Kills, () => KillAsync(cluster)),
            await WatchAsync("joins", ClusterSettings.Joins, () => JoinAsync(cluster)),
            await WatchAsync("replacements", ClusterSettings.Replacements, () => ReplaceAsync(cluster)),
            await WatchAsync("freezes", ClusterSettings.Freezes, () => FreezeAsync(cluster)),
        ];
        var load = Machine.LoadPerProcessor();
        var isFinished = await newcomers.FinishAsync(Patience);

        var verdict = await Verdict.ReadAsync(cluster, newcomers.Seen);
        output.WriteLine(verdict.Describe());
        output.WriteLine($"asked {probe.Asked} times for readiness; not ready: {string.Join("; ", probe.Refusals.Take(10))}; load per processor {load:0.0}");
        var longest = phases.Select(phase => Describe(phase, newcomers)).ToArray();
        Assert.True(isFinished, $"{newcomers.Waiting} users still wait.");
        Assert.Empty(probe.Refusals);
        Assert.Empty(newcomers.Seen.Refusals);
        Assert.Empty(verdict.Violations);
        Assert.All(verdict.Runs, run => Assert.Equal("COMPLETED", run.Status));
        Assert.All(longest, took => Assert.InRange(took, TimeSpan.Zero, Longest * Math.Max(1, load)));
    }

    /// <summary>Lets something happen so many times.</summary>
    private static async Task<Phase> WatchAsync(string what, int times, Func<Task> happen)
    {
        var begin = TimeProvider.System.GetUtcNow();
        for (var time = 0; time < times; time++)
        {
            await happen();
            await Task.Delay(ClusterSettings.Pause, TimeProvider.System);
        }

        return new Phase($"{times} {what}", begin, TimeProvider.System.GetUtcNow());
    }

    /// <summary>Tells how long those waited for their answer who came in a phase.</summary>
    /// <returns>The longest time.</returns>
    private TimeSpan Describe(Phase phase, Newcomers newcomers)
    {
        var took = newcomers.Between(phase.Begin, phase.End);
        output.WriteLine($"{phase.What}: {Recovery.Describe(took)}; {took.Count(one => one > TimeSpan.FromSeconds(3))} over 3 s");
        return took.LastOrDefault();
    }

    private static async Task KillAsync(TestCluster cluster)
    {
        await Any(cluster).KillAsync();
        await cluster.StartSiloAsync();
    }

    private static async Task JoinAsync(TestCluster cluster)
    {
        var fourth = await cluster.StartSiloAsync();
        await Task.Delay(ClusterSettings.Pause, TimeProvider.System);
        Assert.Equal(0, await fourth.TerminateAsync());
    }

    private static async Task ReplaceAsync(TestCluster cluster)
    {
        Assert.Equal(0, await cluster.LivingSilos()[0].TerminateAsync());
        await cluster.StartSiloAsync();
    }

    /// <summary>It finds out that it was given up when it goes on, and ends itself.</summary>
    private static async Task FreezeAsync(TestCluster cluster)
    {
        var silo = Any(cluster);
        await silo.FreezeAsync();
        await Task.Delay(Frozen, TimeProvider.System);
        await silo.ThawAsync();
        using var patience = new CancellationTokenSource(Patience);
        await silo.WaitForExitAsync(patience.Token);
        await cluster.StartSiloAsync();
    }

    private static ServerProcess Any(TestCluster cluster) => RandomNumberGenerator.GetItems<ServerProcess>([.. cluster.LivingSilos().Where(silo => !silo.HasExited)], 1)[0];

    private sealed record Phase(string What, DateTimeOffset Begin, DateTimeOffset End);
}
