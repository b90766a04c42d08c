using Cluster.Engine.Scopes;
using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Storage.Tests.Postgres;

/// <summary>A schema of its own on the server that TEST_POSTGRES names, dropped at the end.</summary>
internal sealed class PostgresSchema : IAsyncDisposable
{
    private readonly NpgsqlDataSource _server;
    private readonly List<PostgresBatches> _batches = [];

    private PostgresSchema(NpgsqlDataSource server, string connectionString)
    {
        _server = server;
        ConnectionString = connectionString;
        DataSource = PostgresConnection.CreateDataSource(connectionString);
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    public string Name => new NpgsqlConnectionStringBuilder(ConnectionString).SearchPath!;

    /// <summary>Creates an empty schema, or skips the test when there is no server.</summary>
    public static async Task<PostgresSchema> CreateAsync()
    {
        var server = Environment.GetEnvironmentVariable("TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "POSTGRESQL IS NOT TESTED: run ./test.sh, which brings a server, or set TEST_POSTGRES to a connection string.");

        // The application's name tells the tests' connections apart, so that one test can cut its own.
        var name = $"test_{Guid.NewGuid():N}";
        var connection = new NpgsqlConnectionStringBuilder(server) { SearchPath = name, ApplicationName = name };
        var schema = new PostgresSchema(NpgsqlDataSource.Create(server), connection.ConnectionString);
        await schema.ExecuteOnServerAsync($"CREATE SCHEMA {name}");
        return schema;
    }

    /// <summary>Creates a schema and migrates it.</summary>
    public static async Task<PostgresSchema> CreateMigratedAsync()
    {
        var schema = await CreateAsync();
        await new PostgresMigrator(schema.DataSource).UpAsync(TestContext.Current.CancellationToken);
        return schema;
    }

    /// <summary>Opens a store of its own, for the conformance tests.</summary>
    public static async Task<StoreUnderTest> OpenStoreAsync()
    {
        var schema = await CreateMigratedAsync();
        var store = schema.NewStore();
        return new StoreUnderTest(store, store, store, store, new PostgresApprovals(schema.DataSource, TenantId.Default), schema.DisposeAsync);
    }

    /// <summary>Opens a store as a process of its own would.</summary>
    public PostgresStore NewStore(TenantId? tenant = null) => new(NewBatches(), tenant ?? TenantId.Default);

    public PostgresBatches NewBatches()
    {
        var batches = new PostgresBatches(DataSource, Options.Create(new PostgresStorageOptions()));
        _batches.Add(batches);
        return batches;
    }

    public Task ExecuteAsync(string sql) => ExecuteAsync(DataSource, sql);

    public Task ExecuteOnServerAsync(string sql) => ExecuteAsync(_server, sql);

    public async Task<T> ReadAsync<T>(string sql)
    {
        await using var command = DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var batches in _batches)
        {
            await batches.DisposeAsync();
        }

        await DataSource.DisposeAsync();
        await ExecuteOnServerAsync($"DROP SCHEMA {Name} CASCADE");
        await _server.DisposeAsync();
    }

    private static async Task ExecuteAsync(NpgsqlDataSource dataSource, string sql)
    {
        await using var command = dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
