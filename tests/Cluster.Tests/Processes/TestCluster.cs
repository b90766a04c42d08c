using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cluster.Tests.Evidence;

namespace Cluster.Tests.Processes;

/// <summary>Silos and gateways as processes over a database of their own, and a ledger that they do not know is one.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly ClusterSettings _settings;
    private readonly List<ServerProcess> _all = [];
    private readonly Lock _lock = new();
    private int _started;

    private TestCluster(ClusterSettings settings, TestDatabase store, TestDatabase ledger, string logs)
    {
        _settings = settings;
        Store = store;
        Ledger = new Ledger(ledger);
        LedgerDatabase = ledger;
        Logs = logs;
    }

    public List<ServerProcess> Silos { get; } = [];

    public List<TestGateway> Gateways { get; } = [];

    public TestDatabase Store { get; }

    public Ledger Ledger { get; }

    public string Logs { get; }

    private TestDatabase LedgerDatabase { get; }

    /// <summary>Starts a cluster, or skips the test when there is no database server.</summary>
    public static async Task<TestCluster> StartAsync(int silos, int gateways, ClusterSettings? settings = null)
    {
        ClusterSettings.SkipWithoutServer();
        settings ??= new ClusterSettings();
        var store = await TestDatabase.CreateAsync(settings.StoreServer ?? ClusterSettings.Server!, "store");
        var ledger = await TestDatabase.CreateAsync(ClusterSettings.Server!, "ledger");
        var cluster = new TestCluster(settings, store, ledger, Directory.CreateTempSubdirectory("cluster-logs-").FullName);
        await Ledger.CreateAsync(ledger);
        await ServerProcess.RunAsync("Cluster.Silo.dll", "migrate", "--store", $"postgres:{store.ConnectionString}");
        await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => cluster.StartSiloAsync()));
        await Task.WhenAll(Enumerable.Range(0, gateways).Select(_ => cluster.StartGatewayAsync()));
        return cluster;
    }

    /// <summary>Starts one more silo.</summary>
    public async Task<ServerProcess> StartSiloAsync()
    {
        var name = $"silo-{Interlocked.Increment(ref _started)}";
        var silo = await ServerProcess.StartAsync(name, "Cluster.Chaos.Host.dll", Logs, "Chaos ready", new Dictionary<string, string>
        {
            ["Cluster__Store"] = $"postgres:{Store.ConnectionString}",
            ["Cluster__GatewayPort"] = FreePort().ToString(CultureInfo.InvariantCulture),
            ["Silo__Port"] = FreePort().ToString(CultureInfo.InvariantCulture),
            ["Silo__Url"] = "http://127.0.0.1:0",
            ["Chaos__Name"] = name,
            ["Chaos__Ledger"] = LedgerDatabase.ConnectionString,
            ["Chaos__ToolMilliseconds"] = _settings.ToolMilliseconds.ToString(CultureInfo.InvariantCulture),
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
        });
        Add(Silos, silo, silo);
        return silo;
    }

    /// <summary>Starts one more gateway.</summary>
    public async Task<TestGateway> StartGatewayAsync()
    {
        var name = $"gateway-{Interlocked.Increment(ref _started)}";
        var url = $"http://127.0.0.1:{FreePort()}";
        var process = await ServerProcess.StartAsync(name, "Cluster.Gateway.dll", Logs, "Ready at", new Dictionary<string, string>
        {
            ["Cluster__Store"] = $"postgres:{Store.ConnectionString}",
            ["Gateway__Url"] = url,
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
        });
        var gateway = new TestGateway(process, new Uri(url));
        Add(Gateways, gateway, process);
        return gateway;
    }

    /// <summary>Finds a port. The system does not give the same one twice in a row, so it is still free when a process takes it.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Gives one of the gateways that nobody has ended.</summary>
    public TestGateway AnyGateway(int preference)
    {
        lock (_lock)
        {
            var living = Gateways.Where(gateway => !gateway.Process.IsDoomed).ToArray();
            return living[preference % living.Length];
        }
    }

    /// <summary>Gives the silos that nobody has ended.</summary>
    public ServerProcess[] LivingSilos()
    {
        lock (_lock)
        {
            return [.. Silos.Where(silo => !silo.IsDoomed)];
        }
    }

    /// <summary>Gives the gateways that nobody has ended.</summary>
    public TestGateway[] LivingGateways()
    {
        lock (_lock)
        {
            return [.. Gateways.Where(gateway => !gateway.Process.IsDoomed)];
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _all)
        {
            await process.DisposeAsync();
        }

        foreach (var gateway in Gateways)
        {
            gateway.Client.Dispose();
        }

        await Store.DisposeAsync();
        await LedgerDatabase.DisposeAsync();
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"The logs of all processes are in {Logs}.");
        }
        else if (!_settings.KeepsLogs)
        {
            Directory.Delete(Logs, recursive: true);
        }
    }

    private void Add<T>(List<T> list, T item, ServerProcess process)
    {
        lock (_lock)
        {
            list.Add(item);
            _all.Add(process);
        }
    }
}
