using Cluster.Engine.Runs;
using Cluster.Tests.Evidence;
using Cluster.Tests.Processes;
using Cluster.Tests.Traffic;

namespace Cluster.Tests;

/// <summary>The time that a silo is granted to end in order.</summary>
public sealed class ShutdownTests
{
    private const string Definitions =
        """
        agents:
          - id: sleeper
            tools:
              - name: sleep
                effect: once
            model:
              scripted:
                calls:
                  - tool: sleep
                    arguments: {seconds: 5}
                text: "Slept: {result}"
        """;

    /// <summary>The default of <c>Silo:ShutdownSeconds</c>.</summary>
    private static readonly TimeSpan Granted = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_terminated_silo_finishes_the_tool_call_under_way_before_it_ends_and_another_one_goes_on()
    {
        await using var cluster = await ProductCluster.CreateAsync(Definitions);
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        using var stream = await gateway.Client.PostAsync("/agents/sleeper/runs", new Dictionary<string, string>(), ("message", "go"), ("session_id", "s"));
        var started = await stream.ReadEventsAsync(TestContext.Current.CancellationToken).FirstAsync(next => next.Name() == "ToolCallStarted", TestContext.Current.CancellationToken);
        var asked = TimeProvider.System.GetTimestamp();

        var exitCode = await silo.TerminateAsync();
        var took = TimeProvider.System.GetElapsedTime(asked);

        var left = Assert.Single(await LoggedRun.ReadAllAsync(cluster.Store));
        Assert.Single(left.Settled);
        Assert.DoesNotContain(left.Events, next => next is RunPaused or RunCompleted);
        Assert.Equal(0, exitCode);
        Assert.True(took < Granted, $"The shutdown took {took}.");
        await cluster.StartSiloAsync();
        await ReadToEndAsync(gateway, started.GetProperty("run_id").GetString()!);
        Assert.Equal("COMPLETED", Assert.Single(await LoggedRun.ReadAllAsync(cluster.Store)).Status);
    }

    private static async Task ReadToEndAsync(TestGateway gateway, string runId)
    {
        using var resumed = await gateway.Client.PostAsync($"/agents/sleeper/runs/{runId}/resume", new Dictionary<string, string>(), ("session_id", "s"));
        var last = await resumed.ReadEventsAsync(TestContext.Current.CancellationToken).LastAsync(TestContext.Current.CancellationToken);
        Assert.Equal("RunCompleted", last.Name());
    }
}
