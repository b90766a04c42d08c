using System.Globalization;

namespace Cluster.Tests.Processes;

/// <summary>The silo and the gateway that people install, with agents from definitions, over a database of their own.</summary>
internal sealed class ProductCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("product-");
    private readonly Dictionary<string, string> _common;
    private readonly List<IAsyncDisposable> _started = [];

    private ProductCluster(TestDatabase store, IReadOnlyDictionary<string, string> settings)
    {
        Store = store;
        _common = new Dictionary<string, string>(settings) { ["Cluster__Store"] = $"postgres:{store.ConnectionString}" };
    }

    public TestDatabase Store { get; }

    private string Definitions => Path.Combine(_directory.FullName, "agents.yaml");

    /// <summary>Prepares the database, or skips the test when there is no server.</summary>
    /// <param name="definitions">The agents, in YAML.</param>
    /// <param name="settings">Further settings of all processes, as environment variables.</param>
    /// <param name="server">The server of the database; null for the one that all tests share.</param>
    public static async Task<ProductCluster> CreateAsync(string definitions, IReadOnlyDictionary<string, string>? settings = null, string? server = null)
    {
        ClusterSettings.SkipWithoutServer();
        var cluster = new ProductCluster(await TestDatabase.CreateAsync(server ?? ClusterSettings.Server!, "store"), settings ?? new Dictionary<string, string>());
        await File.WriteAllTextAsync(cluster.Definitions, definitions);
        await ServerProcess.RunAsync("Cluster.Silo.dll", "migrate", "--store", $"postgres:{cluster.Store.ConnectionString}");
        return cluster;
    }

    /// <summary>Starts a silo and waits until it says a word.</summary>
    /// <param name="word">The word; by default the one that it is ready.</param>
    /// <param name="url">Where it serves health; by default at a port that nobody needs to know.</param>
    public Task<ServerProcess> StartSiloAsync(string word = "Silo ready", string url = "http://127.0.0.1:0") => StartAsync("silo", "Cluster.Silo.dll", word, new Dictionary<string, string>(_common)
    {
        ["Cluster__GatewayPort"] = TestCluster.FreePort().ToString(CultureInfo.InvariantCulture),
        ["Silo__Port"] = TestCluster.FreePort().ToString(CultureInfo.InvariantCulture),
        ["Silo__Url"] = url,
        ["Silo__Definitions"] = Definitions,
    });

    /// <summary>Starts a gateway and waits until it says a word.</summary>
    /// <param name="word">The word; by default the one that it is ready.</param>
    public async Task<TestGateway> StartGatewayAsync(string word = "Ready at")
    {
        var url = $"http://127.0.0.1:{TestCluster.FreePort()}";
        var process = await StartAsync("gateway", "Cluster.Gateway.dll", word, new Dictionary<string, string>(_common) { ["Gateway__Url"] = url });
        return new TestGateway(process, new Uri(url));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            await process.DisposeAsync();
        }

        await Store.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task<ServerProcess> StartAsync(string kind, string program, string readyWord, IReadOnlyDictionary<string, string> environment)
    {
        var process = await ServerProcess.StartAsync($"{kind}-{_started.Count}", program, _directory.FullName, readyWord, environment);
        _started.Add(process);
        return process;
    }
}
