using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Cluster.Providers.Tests.Mcp;

namespace Cluster.Standalone.Tests;

/// <summary>A user logs in to an MCP server through the real server, and everything that the process leaves is searched for the tokens.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("logins").FullName;
    private readonly StringBuilder _seen = new();
    private McpLoginServer _books = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _books = await McpLoginServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _books.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task The_browser_comes_back_to_the_server_and_the_next_run_has_the_tools_while_the_tokens_are_nowhere()
    {
        await using var server = await StartAsync();
        var asked = await PostAsync(server, "ann");
        var page = asked.Split('\n').Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data: ".Length..]))
            .Single(told => told.TryGetProperty("authorization_url", out _)).GetProperty("authorization_url").GetString()!;
        var back = await McpLoginServer.AgreeAsync(page);

        using var answer = await server.Client.GetAsync(back, Stop);
        using var again = await server.Client.GetAsync(back, Stop);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (answer.StatusCode, again.StatusCode));
        Assert.Contains("You are logged in", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Contains("It says: hi", await PostAsync(server, "ann"), StringComparison.Ordinal);
        Assert.Contains("auth_required", await PostAsync(server, "bob"), StringComparison.Ordinal);
        await AssertNothingTellsTheTokensAsync(server);
    }

    private async Task AssertNothingTellsTheTokensAsync(ServerProcess server)
    {
        _seen.Append(await server.Client.GetStringAsync(new Uri("/sessions/ann/runs?user_id=ann", UriKind.Relative), Stop));
        await server.TerminateAsync();
        _seen.Append(await server.PrintedAsync());
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_directory, "store"), "*", SearchOption.AllDirectories))
        {
            _seen.Append(await File.ReadAllTextAsync(file, Stop));
        }

        // The code is spent, and stands in addresses that logs at this level hold; tokens stand nowhere.
        var tokens = _books.Secrets.Where(secret => !secret.StartsWith("code-", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, tokens.Length);
        Assert.Contains("It says: hi", _seen.ToString(), StringComparison.Ordinal);
        Assert.All(tokens, token => Assert.DoesNotContain(token, _seen.ToString(), StringComparison.Ordinal));
    }

    private async Task<ServerProcess> StartAsync()
    {
        var definitions = Path.Combine(_directory, "agents.yaml");
        await File.WriteAllTextAsync(
            definitions,
            $$$"""
            agents:
              - id: reader
                model: {scripted: {text: "It says: {result}", deltas: 1, calls: [{tool: echo, arguments: {text: hi}}]}}
                debug_mode: true
                debug_level: 2
                tools:
                  - mcp:
                      name: books
                      url: {{{_books.Url}}}
                      oauth: {}
            """,
            Stop);
        var environment = new Dictionary<string, string> { ["Logging__LogLevel__Default"] = "Trace" };
        return await ServerProcess.StartInAsync(
            environment, "--url", FreeUrl(), "--store", $"sqlite:{Path.Combine(_directory, "store")}", "--definitions", definitions);
    }

    /// <summary>Pages send browsers to an address that the server knows before it listens.</summary>
    private static string FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    private async Task<string> PostAsync(ServerProcess server, string userId)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("go"), "message" }, { new StringContent("true"), "stream" }, { new StringContent(userId), "session_id" }, { new StringContent(userId), "user_id" },
        };
        using var response = await server.Client.PostAsync(new Uri("/agents/reader/runs", UriKind.Relative), form, Stop);
        var body = await response.Content.ReadAsStringAsync(Stop);
        _seen.Append(body);
        return body;
    }
}
