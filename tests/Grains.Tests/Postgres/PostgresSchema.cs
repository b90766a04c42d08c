using Cluster.Storage.Postgres;
using Npgsql;

namespace Cluster.Grains.Tests.Postgres;

/// <summary>A schema of its own on the server that TEST_POSTGRES names, dropped at the end.</summary>
internal sealed class PostgresSchema : IAsyncDisposable
{
    private readonly NpgsqlDataSource _server;
    private readonly NpgsqlDataSource _dataSource;
    private readonly string _name;

    private PostgresSchema(string server, string name)
    {
        _name = name;
        _server = NpgsqlDataSource.Create(server);
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { SearchPath = name, ApplicationName = name }.ConnectionString;
        _dataSource = PostgresConnection.CreateDataSource(ConnectionString);
    }

    public static bool IsThere => !string.IsNullOrEmpty(Server);

    public string ConnectionString { get; }

    public PostgresMigrator Migrator => new(_dataSource);

    private static string? Server => Environment.GetEnvironmentVariable("TEST_POSTGRES");

    public static void SkipWithoutServer() =>
        Assert.SkipWhen(!IsThere, "POSTGRESQL IS NOT TESTED: run ./test.sh, which brings a server, or set TEST_POSTGRES to a connection string.");

    /// <summary>Creates an empty schema, or skips the test when there is no server.</summary>
    public static async Task<PostgresSchema> CreateAsync()
    {
        SkipWithoutServer();
        var schema = new PostgresSchema(Server!, $"test_{Guid.NewGuid():N}");
        await ExecuteAsync(schema._server, $"CREATE SCHEMA {schema._name}");
        return schema;
    }

    /// <summary>Creates a schema and migrates it.</summary>
    public static async Task<PostgresSchema> CreateMigratedAsync()
    {
        var schema = await CreateAsync();
        await schema.Migrator.UpAsync(TestContext.Current.CancellationToken);
        return schema;
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(_dataSource, sql);

    /// <summary>Reads the first column of every row.</summary>
    public async Task<List<T>> ReadAsync<T>(string sql)
    {
        await using var command = _dataSource.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync();
        var values = new List<T>();
        while (await rows.ReadAsync())
        {
            values.Add(await rows.GetFieldValueAsync<T>(0));
        }

        return values;
    }

    public async ValueTask DisposeAsync()
    {
        await _dataSource.DisposeAsync();
        await ExecuteAsync(_server, $"DROP SCHEMA {_name} CASCADE");
        await _server.DisposeAsync();
    }

    private static async Task ExecuteAsync(NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
