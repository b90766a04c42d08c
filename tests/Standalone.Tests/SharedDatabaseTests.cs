using System.Net;
using Npgsql;

namespace Cluster.Standalone.Tests;

/// <summary>Real processes on one database of PostgreSQL, in a schema of its own.</summary>
public sealed class SharedDatabaseTests : IAsyncLifetime
{
    private const string Running = "/agents/assistant/runs";

    private readonly string _name = $"test_{Guid.NewGuid():N}";
    private readonly string? _server = Environment.GetEnvironmentVariable("TEST_POSTGRES");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string[] Arguments => ["--store", $"postgres:{new NpgsqlConnectionStringBuilder(_server) { SearchPath = _name, ApplicationName = _name, Pooling = true }}"];

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(_server), "POSTGRESQL IS NOT TESTED: run ./test.sh, which brings a server, or set TEST_POSTGRES to a connection string.");
        await ExecuteAsync($"CREATE SCHEMA {_name}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!string.IsNullOrEmpty(_server))
        {
            await ExecuteAsync($"DROP SCHEMA IF EXISTS {_name} CASCADE");
        }
    }

    [Fact]
    public async Task A_second_server_is_refused_as_long_as_the_first_one_lives()
    {
        await using var first = await ServerProcess.StartAsync(Arguments);

        var (exitCode, output, errors) = await ServerProcess.RunToEndAsync(["--url", "http://127.0.0.1:0", .. Arguments]);
        await first.KillAsync();
        await using var third = await ServerProcess.StartAsync(Arguments);

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("Ready at", output, StringComparison.Ordinal);
        Assert.Contains("is in use by a server of its own", output + errors, StringComparison.Ordinal);
        Assert.Contains("Only one server can work on a database", output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await ReadyAsync(third));
    }

    [Fact]
    public async Task A_server_whose_connections_are_all_cut_claims_the_database_again()
    {
        await using var server = await ServerProcess.StartAsync(Arguments);

        await ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{_name}'");
        await UntilAsync(server, HttpStatusCode.OK);
        using var later = await server.Client.PostAsync(Running, Form(), Stop);
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }

    [Fact]
    public async Task A_table_that_is_gone_shows_in_readiness_and_the_runs_of_that_time_go_on_when_it_is_back()
    {
        await using var server = await ServerProcess.StartAsync(Arguments);
        using var before = await server.Client.PostAsync(Running, Form(), Stop);
        await ExecuteAsync($"ALTER TABLE {_name}.run_events RENAME TO hidden");

        using var refused = await server.Client.PostAsync(Running, Form(), Stop);
        using var ready = await server.Client.GetAsync("/health/ready", Stop);
        var told = await ready.Content.ReadAsStringAsync(Stop);
        await ExecuteAsync($"ALTER TABLE {_name}.hidden RENAME TO run_events");
        await UntilAsync(server, HttpStatusCode.OK);
        using var after = await server.Client.PostAsync(Running, Form(), Stop);

        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK),
            (before.StatusCode, refused.StatusCode, ready.StatusCode, after.StatusCode));
        Assert.Equal("""{"status":"not ready","not_ready":{"store":"writes fail: a table or function is missing"}}""", told);
    }

    private static FormUrlEncodedContent Form() => new([KeyValuePair.Create("message", "hi"), KeyValuePair.Create("stream", "false")]);

    private static async Task<HttpStatusCode> ReadyAsync(ServerProcess server)
    {
        using var ready = await server.Client.GetAsync("/health/ready", Stop);
        return ready.StatusCode;
    }

    private static async Task UntilAsync(ServerProcess server, HttpStatusCode wanted)
    {
        while (await ReadyAsync(server) != wanted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop);
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var dataSource = NpgsqlDataSource.Create(_server!);
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }
}
