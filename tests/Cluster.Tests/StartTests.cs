using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cluster.Tests.Processes;
using Npgsql;

namespace Cluster.Tests;

/// <summary>What processes say and answer while they start, and when they cannot.</summary>
public sealed class StartTests
{
    private const string Listening = "Listening at";

    private const string Definitions =
        """
        agents:
          - id: greeter
            model:
              scripted:
                text: Hello
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_without_a_silo_lives_and_says_what_it_waits_for_until_there_is_one()
    {
        await using var cluster = await ProductCluster.CreateAsync(Definitions);
        var gateway = await cluster.StartGatewayAsync(Listening);

        Assert.Equal("200 {\"status\":\"live\"}", await GetAsync(gateway.Client, "/health/live"));
        Assert.Equal("503 {\"status\":\"not ready\",\"not_ready\":{\"process\":\"starting\",\"cluster\":\"no silo answers\"}}", await GetAsync(gateway.Client, "/health/ready"));
        using var refused = await gateway.Client.GetAsync("/agents", Stop);
        Assert.Equal("503 {\"detail\":\"The gateway has just started and waits for a silo of its cluster. Try again in a moment.\"}", await ReadAsync(refused));
        Assert.Equal("1", refused.Headers.RetryAfter?.ToString());

        await cluster.StartSiloAsync();
        await gateway.Process.SaidAsync("Ready at");
        Assert.Equal("200 {\"status\":\"ready\"}", await GetAsync(gateway.Client, "/health/ready"));
        Assert.Contains("greeter", await GetAsync(gateway.Client, "/agents"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_and_a_gateway_live_without_their_database_and_are_ready_when_it_is_there()
    {
        ClusterSettings.SkipWithoutServer();
        await using var server = await PostgresServer.StartAsync();
        await using var cluster = await ProductCluster.CreateAsync(Definitions, server: server.ConnectionString);
        await server.CrashAsync();
        var url = $"http://127.0.0.1:{TestCluster.FreePort()}";
        using var client = new HttpClient { BaseAddress = new Uri(url) };
        var silo = await cluster.StartSiloAsync(Listening, url);
        var gateway = await cluster.StartGatewayAsync(Listening);

        Assert.Equal("200 {\"status\":\"live\"}", await GetAsync(client, "/health/live"));
        Assert.Equal("200 {\"status\":\"live\"}", await GetAsync(gateway.Client, "/health/live"));
        Assert.Equal("503 {\"status\":\"not ready\",\"not_ready\":{\"process\":\"starting\",\"store\":\"not available\"}}", await GetAsync(client, "/health/ready"));
        Assert.Equal(
            "503 {\"status\":\"not ready\",\"not_ready\":{\"process\":\"starting\",\"cluster\":\"the database is not available, in which silos are found\"}}",
            await GetAsync(gateway.Client, "/health/ready"));

        await server.StartAgainAsync();
        await Task.WhenAll(silo.SaidAsync("Silo ready"), gateway.Process.SaidAsync("Ready at"));
        Assert.Equal("200 {\"status\":\"ready\"}", await GetAsync(client, "/health/ready"));
        Assert.Equal("200 {\"status\":\"ready\"}", await GetAsync(gateway.Client, "/health/ready"));
    }

    [Theory]
    [InlineData("Cluster.Silo.dll", "silo")]
    [InlineData("Cluster.Gateway.dll", "gateway")]
    public async Task A_process_that_the_database_does_not_let_in_says_so_in_one_line_and_ends(string program, string name)
    {
        ClusterSettings.SkipWithoutServer();
        var wrongPassword = new NpgsqlConnectionStringBuilder(ClusterSettings.Server) { Password = "wrong" }.ConnectionString;
        var noDatabase = new NpgsqlConnectionStringBuilder(ClusterSettings.Server) { Database = "nothing_of_this_name" }.ConnectionString;

        var stranger = await ServerProcess.EndAsync(program, Settings(wrongPassword));
        var missing = await ServerProcess.EndAsync(program, Settings(noDatabase));

        AssertRefused(stranger, $"The {name} cannot start. PostgreSQL at ", " (28P01). Check the user name and the password in the connection string.");
        AssertRefused(missing, $"The {name} cannot start. PostgreSQL at ", " (3D000). Create the database, or name another one");
    }

    [Theory]
    [InlineData("Silo__Port")]
    [InlineData("Cluster__GatewayPort")]
    [InlineData("Silo__Url")]
    public async Task A_silo_whose_port_is_taken_says_so_in_one_line_and_ends(string setting)
    {
        await using var cluster = await ProductCluster.CreateAsync(Definitions);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var ended = await ServerProcess.EndAsync(
            "Cluster.Silo.dll", new Dictionary<string, string>(Settings(cluster.Store.ConnectionString)) { [setting] = setting == "Silo__Url" ? $"http://127.0.0.1:{port}" : port });

        AssertRefused(ended, "The silo cannot start. ", port, "address already in use");
    }

    [Fact]
    public async Task A_silo_whose_definitions_are_wrong_says_so_in_one_line_and_ends()
    {
        await using var cluster = await ProductCluster.CreateAsync(Definitions);
        var definitions = Path.GetTempFileName();
        await File.WriteAllTextAsync(definitions, "agents:\n  - id: greeter\n    model: nobody\n", Stop);

        var ended = await ServerProcess.EndAsync("Cluster.Silo.dll", new Dictionary<string, string>(Settings(cluster.Store.ConnectionString)) { ["Silo__Definitions"] = definitions });

        AssertRefused(ended, "The silo cannot start. ", definitions, "line 3", "'nobody'");
        File.Delete(definitions);
    }

    [Fact]
    public async Task The_log_of_a_silo_holds_nothing_that_nobody_asked_for()
    {
        await using var cluster = await ProductCluster.CreateAsync(Definitions);
        var silo = await cluster.StartSiloAsync();
        var gateway = await cluster.StartGatewayAsync();
        foreach (var session in new[] { "a", "b", "c" })
        {
            using var answer = await gateway.Client.PostAsync(
                "/agents/greeter/runs", new FormUrlEncodedContent(new Dictionary<string, string> { ["message"] = "hi", ["session_id"] = session, ["stream"] = "false" }), Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await silo.TerminateAsync();

        var log = await File.ReadAllTextAsync(silo.LogPath, Stop);
        Assert.DoesNotContain("Polly", log, StringComparison.Ordinal);
        Assert.DoesNotContain("ServerGC", log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dashboard_is_served_beside_health_where_it_is_asked_for_and_the_log_says_so()
    {
        await using var cluster = await ProductCluster.CreateAsync(Definitions, new Dictionary<string, string> { ["Silo__Dashboard"] = "true" });
        await using var without = await ProductCluster.CreateAsync(Definitions);
        var (url, otherUrl) = ($"http://127.0.0.1:{TestCluster.FreePort()}", $"http://127.0.0.1:{TestCluster.FreePort()}");
        var silo = await cluster.StartSiloAsync(url: url);
        await without.StartSiloAsync(url: otherUrl);
        using var client = new HttpClient();

        using var page = await client.GetAsync($"{url}/dashboard/", Stop);
        using var counters = await client.GetAsync($"{url}/dashboard/DashboardCounters", Stop);
        using var nothing = await client.GetAsync($"{otherUrl}/dashboard/", Stop);

        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.StartsWith("200 {", await ReadAsync(counters), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
        await silo.SaidAsync($"The dashboard is at {url}/dashboard. It asks nobody who they are");
    }

    private static Dictionary<string, string> Settings(string connectionString) => new()
    {
        ["Cluster__Store"] = $"postgres:{connectionString}",
        ["Cluster__GatewayPort"] = TestCluster.FreePort().ToString(CultureInfo.InvariantCulture),
        ["Silo__Port"] = TestCluster.FreePort().ToString(CultureInfo.InvariantCulture),
        ["Silo__Url"] = "http://127.0.0.1:0",
        ["Gateway__Url"] = "http://127.0.0.1:0",
    };

    private static void AssertRefused((int ExitCode, string Output) ended, params string[] words)
    {
        Assert.All(words, word => Assert.Contains(word, ended.Output, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("   at ", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("later", ended.Output, StringComparison.Ordinal);
        Assert.Equal(1, ended.ExitCode);
    }

    private static async Task<string> GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Stop);
        return await ReadAsync(answer);
    }

    private static async Task<string> ReadAsync(HttpResponseMessage answer) => $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}";
}
