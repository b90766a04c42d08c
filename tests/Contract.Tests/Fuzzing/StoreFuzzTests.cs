using Cluster.Api.Tests.Fuzzing;
using Cluster.Contract.Host;
using Npgsql;

namespace Cluster.Contract.Tests.Fuzzing;

public sealed class StoreFuzzTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_sent_to_a_server_with_a_SQLite_store_gets_a_clear_answer()
    {
        var folder = Directory.CreateTempSubdirectory("fuzz-");

        var bad = await FuzzAsync($"sqlite:{folder.FullName}");

        Assert.True(bad.Count == 0, string.Join('\n', bad));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Whatever_is_sent_to_a_server_with_PostgreSQL_gets_a_clear_answer()
    {
        var server = Environment.GetEnvironmentVariable("TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "POSTGRESQL IS NOT TESTED: run ./test.sh, which brings a server, or set TEST_POSTGRES to a connection string.");
        var schema = $"fuzz_{Guid.NewGuid():N}";
        await using var database = NpgsqlDataSource.Create(server);
        await ExecuteAsync(database, $"CREATE SCHEMA {schema}");

        var bad = await FuzzAsync($"postgres:{new NpgsqlConnectionStringBuilder(server) { SearchPath = schema }.ConnectionString}");

        await ExecuteAsync(database, $"DROP SCHEMA {schema} CASCADE");
        Assert.True(bad.Count == 0, string.Join('\n', bad));
    }

    private static async Task<IReadOnlyList<string>> FuzzAsync(string store)
    {
        await using var app = ReferenceHost.Build(["--urls", "http://127.0.0.1:0", "--store", store, "--Logging:LogLevel:Default", "None"], new FreeTime());
        await app.StartAsync(Stop);
        return await new Fuzzer(new Uri(app.Urls.First())).RunAsync(1_500, Stop);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }

    /// <summary>Time in which waiting takes none: slow models answer at once.</summary>
    private sealed class FreeTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
