using System.Net;
using Microsoft.Data.Sqlite;

namespace Cluster.Standalone.Tests;

/// <summary>The server as a newcomer meets it.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("standalone").FullName;

    private string Store => $"sqlite:{Path.Combine(_directory, "data")}";

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Without_any_settings_two_agents_answer_and_one_of_them_uses_tools()
    {
        await using var server = await ServerProcess.StartAsync("--store", Store);

        var agents = await server.Client.GetJsonAsync("/agents");
        var assistant = await server.Client.PostForJsonAsync("/agents/assistant/runs", ("message", "Hello!"), ("stream", "false"));
        var clerk = await server.Client.PostForJsonAsync("/agents/clerk/runs", ("message", "2 + 3?"), ("stream", "false"));

        Assert.Equal(["assistant", "clerk"], agents.EnumerateArray().Select(agent => agent.GetProperty("id").GetString()!));
        Assert.Contains("Hello!", assistant.GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, clerk.GetProperty("tools").GetArrayLength());
    }

    [Fact]
    public async Task Two_hundred_runs_at_once_over_twenty_sessions_are_all_kept()
    {
        await using var server = await ServerProcess.StartAsync("--store", Store);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => server.Client.PostForJsonAsync(
            "/agents/assistant/runs", ("message", $"message {i}"), ("stream", "false"), ("session_id", $"session-{i % 20}"))));

        for (var session = 0; session < 20; session++)
        {
            var runs = (await server.Client.GetJsonAsync($"/sessions/session-{session}/runs")).EnumerateArray().ToArray();
            Assert.Equal(10, runs.Length);
            Assert.All(runs, run => Assert.Equal("COMPLETED", run.GetProperty("status").GetString()));
            Assert.Equal(10, runs.Select(run => run.GetProperty("run_input").GetString()).Distinct().Count());
        }
    }

    [Fact]
    public async Task What_was_kept_is_there_after_a_restart()
    {
        await using (var first = await ServerProcess.StartAsync("--store", Store))
        {
            await first.Client.PostForJsonAsync("/agents/assistant/runs", ("message", "Remember me"), ("stream", "false"), ("session_id", "s"));
            await first.KillAsync();
        }

        await using var second = await ServerProcess.StartAsync("--store", Store);
        var runs = await second.Client.GetJsonAsync("/sessions/s/runs");

        Assert.Equal("Remember me", runs[0].GetProperty("run_input").GetString());
    }

    [Fact]
    public async Task A_second_server_on_the_same_directory_is_told_why_it_cannot_start()
    {
        await using var first = await ServerProcess.StartAsync("--store", Store);

        var (exitCode, _, errors) = await ServerProcess.RunToEndAsync("--url", "http://127.0.0.1:0", "--store", Store);

        Assert.Equal(1, exitCode);
        Assert.Contains(Path.Combine(_directory, "data"), errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--store", "floppy:a", "floppy")]
    [InlineData("--definitions", "/does/not/exist.yaml", "/does/not/exist.yaml")]
    [InlineData("--url", "nonsense", "nonsense")]
    [InlineData("--url", "ftp://localhost:1", "ftp://localhost:1")]
    [InlineData("--url", "http://localhost:99999", "99999")]
    [InlineData("--url", "http://localhost:0", "localhost:0")]
    [InlineData("--url", "http://localhost:7777/api", "/api")]
    [InlineData("--url", ";", ";")]
    public async Task A_setting_that_makes_no_sense_is_named(string option, string value, string named)
    {
        string[] store = option == "--store" ? [] : ["--store", "memory:"];

        var (exitCode, _, errors) = await ServerProcess.RunToEndAsync([option, value, .. store]);

        Assert.Equal(1, exitCode);
        AssertRefusal(errors, named);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told_in_a_sentence()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "data"));
        await File.WriteAllTextAsync(Path.Combine(_directory, "data", "cluster.db"), new string('x', 10_000), TestContext.Current.CancellationToken);

        var (exitCode, _, errors) = await ServerProcess.RunToEndAsync("--url", "http://127.0.0.1:0", "--store", Store);

        Assert.Equal(1, exitCode);
        AssertRefusal(errors, "damaged");
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_told_in_a_sentence()
    {
        await using (var first = await ServerProcess.StartAsync("--store", Store))
        {
            await first.KillAsync();
        }

        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "data", "cluster.db")};Pooling=false"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 1000";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var (exitCode, _, errors) = await ServerProcess.RunToEndAsync("--url", "http://127.0.0.1:0", "--store", Store);

        Assert.Equal(1, exitCode);
        AssertRefusal(errors, "newer program");
    }

    [Fact]
    public async Task A_server_that_has_started_tells_orchestrators_that_it_lives_and_wants_work()
    {
        await using var server = await ServerProcess.StartAsync("--store", Store);

        Assert.Equal("live", (await server.Client.GetJsonAsync("/health/live")).GetProperty("status").GetString());
        Assert.Equal("ready", (await server.Client.GetJsonAsync("/health/ready")).GetProperty("status").GetString());
        Assert.Equal("ok", (await server.Client.GetJsonAsync("/health")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Help_lists_every_option()
    {
        var (exitCode, output, _) = await ServerProcess.RunToEndAsync("--help");

        Assert.Equal(0, exitCode);
        Assert.All(
            new[] { "--url", "--store", "--definitions", "--allowed-origins", "--allowed-hosts", "--os-id", "--os-name" },
            option => Assert.Contains(option, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("OS_SECURITY_KEY")]
    [InlineData("JWT_VERIFICATION_KEY")]
    [InlineData("JWT_JWKS_FILE")]
    public async Task A_key_that_would_not_be_checked_stops_the_start(string variable)
    {
        var (exitCode, _, errors) = await ServerProcess.RunToEndAsync(
            new Dictionary<string, string> { [variable] = "top-secret" }, "--url", "http://127.0.0.1:0", "--store", "memory:");

        Assert.Equal(1, exitCode);
        AssertRefusal(errors, variable);
        Assert.DoesNotContain("top-secret", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_of_an_AgentOS_says_where_to_listen_and_who_may_call()
    {
        await using var server = await ServerProcess.StartInAsync(
            new Dictionary<string, string> { ["AGENT_OS_HOST"] = "127.0.0.1", ["AGENT_OS_PORT"] = "0", ["CORS_ORIGIN_LIST"] = "https://a.example, https://b.example" },
            "--store",
            "memory:");

        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { "Origin", "https://b.example" } } };
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("https://b.example", response.Headers.GetValues("access-control-allow-origin").Single());
    }

    [Fact]
    public async Task Settings_win_over_the_environment_of_an_AgentOS()
    {
        await using var server = await ServerProcess.StartInAsync(
            new Dictionary<string, string> { ["AGENT_OS_PORT"] = "nonsense", ["CORS_ORIGIN_LIST"] = "https://b.example" },
            "--url",
            "http://127.0.0.1:0",
            "--store",
            "memory:",
            "--allowed-origins",
            "https://a.example");

        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { "Origin", "https://b.example" } } };
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.False(response.Headers.Contains("access-control-allow-origin"));
    }

    [Fact]
    public async Task Options_of_the_command_line_reach_the_api()
    {
        await using var server = await ServerProcess.StartAsync("--store", "memory:", "--os-id", "my-os", "--os-name", "Mine", "--allowed-origins", "https://a.example,https://b.example");

        var info = await server.Client.GetJsonAsync("/info");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { { "Origin", "https://b.example" } } };
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("my-os", info.GetProperty("os_id").GetString());
        Assert.Equal("Mine", info.GetProperty("name").GetString());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("https://b.example", response.Headers.GetValues("access-control-allow-origin").Single());
    }

    private static void AssertRefusal(string errors, string named)
    {
        Assert.StartsWith("The server cannot start. ", errors, StringComparison.Ordinal);
        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
