using Cluster.Engine.Agents;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Telemetry;

/// <summary>Alone, because these metrics are sums over all runs of the process.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public sealed class WholeProcess;

[Collection(nameof(WholeProcess))]
public sealed class LiveRunTests
{
    [Fact]
    public async Task A_run_is_live_while_it_is_worked_on()
    {
        using var metrics = new MeasurementRecorder();
        await using var engine = new TestEngine(new Agent());
        var before = metrics.Observe("cluster.run.live");
        var runId = await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();
        var during = metrics.Observe("cluster.run.live");

        call.Say("done").End();
        await engine.WaitAsync(runId);
        await engine.Host.StopAsync(Patience.Token);

        Assert.Equal((before + 1, before), (during, metrics.Observe("cluster.run.live")));
    }

    [Fact]
    public async Task Every_append_is_timed()
    {
        using var metrics = new MeasurementRecorder();
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("done");

        await engine.RunAsync();

        Assert.NotEmpty(metrics.Of("cluster.run.append.duration"));
    }
}
