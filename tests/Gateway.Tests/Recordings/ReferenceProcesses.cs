using Cluster.Gateway.Tests.Processes;
using Cluster.Gateway.Tests.Silos;
using Cluster.Grains.Tests.Postgres;

namespace Cluster.Gateway.Tests.Recordings;

/// <summary>Two silos with the reference agents and a gateway, each in a process of its own, on a PostgreSQL schema.</summary>
public sealed class ReferenceProcesses : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _started = [];
    private Stage? _stage;

    internal Stage Stage => _stage ?? throw Missing();

    public async ValueTask InitializeAsync()
    {
        // A fixture that skips fails its tests: they skip themselves when they ask for what is not there.
        if (!PostgresSchema.IsThere)
        {
            return;
        }

        var clock = new ScenarioClock();
        var schema = Add(await PostgresSchema.CreateAsync());
        var steps = Add(await StepServer.StartAsync(clock));
        Dictionary<string, string?> cluster = new() { ["Cluster:Store"] = $"postgres:{schema.ConnectionString}", ["Cluster:Id"] = $"test-{Guid.NewGuid():N}" };
        await ProductProcess.RunToEndAsync("Cluster.Silo", cluster, "migrate");
        await Task.WhenAll(StartSiloAsync(cluster, steps.Url), StartSiloAsync(cluster, steps.Url));
        var gateway = Add(await ProductProcess.StartAsync("Cluster.Gateway", Join(cluster, ReferenceSettings.Presentation, ("Gateway:Url", "http://127.0.0.1:0"))));
        _stage = new Stage(gateway.Url, clock);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in _started.AsEnumerable().Reverse())
        {
            await started.DisposeAsync();
        }
    }

    private async Task StartSiloAsync(Dictionary<string, string?> cluster, Uri steps)
    {
        var ports = SiloPorts.Find();
        var silo = await ProductProcess.StartAsync("Cluster.Silo.Host", Join(cluster, ports.ToSettings(), ("Silo:Url", "http://127.0.0.1:0"), ("Steps:Url", steps.ToString())));
        Add(silo);
    }

    private T Add<T>(T started)
        where T : IAsyncDisposable
    {
        lock (_started)
        {
            _started.Add(started);
        }

        return started;
    }

    private static Dictionary<string, string?> Join(
        IReadOnlyDictionary<string, string?> common, IReadOnlyDictionary<string, string?> own, params (string Key, string? Value)[] more) =>
        common.Concat(own).Concat(more.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).ToDictionary(setting => setting.Key, setting => setting.Value);

    private static InvalidOperationException Missing()
    {
        PostgresSchema.SkipWithoutServer();
        return new InvalidOperationException("The processes did not start.");
    }
}
