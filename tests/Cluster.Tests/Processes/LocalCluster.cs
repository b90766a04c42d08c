using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cluster.Tests.Processes;

/// <summary>Two silos and two gateways that <c>eng/cluster.sh</c> started, over a database of their own.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private static readonly string Script = Path.Combine(Contract.Tests.Repository.Root, "eng", "cluster.sh");

    private readonly TestDatabase _store;
    private readonly string _parent;
    private readonly int _port;
    private readonly Dictionary<string, string> _environment;

    private LocalCluster(TestDatabase store, IReadOnlyDictionary<string, string> settings)
    {
        _store = store;
        _parent = Directory.CreateTempSubdirectory("cluster-").FullName;
        _port = FindPorts();
        _environment = new Dictionary<string, string>(settings)
        {
            ["CLUSTER_DIR"] = Path.Combine(_parent, "cluster"),
            ["CLUSTER_PORT"] = _port.ToString(CultureInfo.InvariantCulture),
            ["CLUSTER_POSTGRES"] = store.ConnectionString,
            ["CLUSTER_PROGRAMS"] = AppContext.BaseDirectory,
            ["SILO_PROJECT"] = "tests/Silo.Host",
            ["SILOS"] = "2",
            ["GATEWAYS"] = "2",
        };
    }

    /// <summary>Gets the connection string of the store.</summary>
    public string Store => _store.ConnectionString;

    /// <summary>Gets where a gateway serves.</summary>
    /// <param name="number">Which one, 1 or 2.</param>
    public Uri GatewayUrl(int number) => new($"http://127.0.0.1:{_port + 10 + number}");

    /// <summary>Runs <c>eng/cluster.sh up</c>, or skips the test when there is no database server.</summary>
    /// <param name="settings">Settings of silos and gateways, as environment variables.</param>
    public static async Task<LocalCluster> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        ClusterSettings.SkipWithoutServer();
        var cluster = new LocalCluster(await TestDatabase.CreateAsync(ClusterSettings.Server!, "store"), settings);
        try
        {
            await cluster.RunAsync("up");
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down");
        await _store.DisposeAsync();
        Directory.Delete(_parent, recursive: true);
    }

    private async Task RunAsync(string verb)
    {
        var start = new ProcessStartInfo("bash", [Script, verb]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"cluster.sh {verb} ended with {process.ExitCode}: {string.Concat(output)}");
    }

    /// <summary>Finds a hundred ports, below those that the system gives away, of which the ones that are used are free. Two test runs begin at different places.</summary>
    private static int FindPorts() => Enumerable.Range(Environment.ProcessId, 100).Select(number => 10_000 + (100 * (number % 100)))
        .First(port => Enumerable.Range(1, 4).SelectMany(kind => new[] { port + (10 * kind) + 1, port + (10 * kind) + 2 }).All(IsFree));

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
