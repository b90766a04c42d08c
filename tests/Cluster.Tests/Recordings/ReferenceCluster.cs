using Cluster.Gateway.Tests.Recordings;
using Cluster.Tests.Processes;

namespace Cluster.Tests.Recordings;

/// <summary>A cluster of processes with the reference agents.</summary>
public sealed class ReferenceCluster : IAsyncLifetime
{
    private StepServer? _steps;
    private LocalCluster? _cluster;
    private Stage? _stage;

    internal Stage Stage => _stage ?? throw Missing();

    public async ValueTask InitializeAsync()
    {
        // A fixture that skips fails its tests: they skip themselves when they ask for what is not there.
        if (ClusterSettings.Server is null)
        {
            return;
        }

        var clock = new ScenarioClock();
        _steps = await StepServer.StartAsync(clock);
        var settings = ReferenceSettings.Presentation.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value!);
        _cluster = await LocalCluster.StartAsync(new Dictionary<string, string>(settings) { ["Steps__Url"] = _steps.Url.ToString() });
        _stage = new Stage(_cluster.GatewayUrl(1), clock);
    }

    public async ValueTask DisposeAsync()
    {
        await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_steps?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static InvalidOperationException Missing()
    {
        ClusterSettings.SkipWithoutServer();
        return new InvalidOperationException("The cluster did not start.");
    }
}
