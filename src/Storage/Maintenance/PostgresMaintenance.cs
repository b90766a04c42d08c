using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Storage.Blobs;
using Cluster.Storage.Postgres;
using Cluster.Storage.Retention;
using Cluster.Storage.Sql;
using Cluster.Storage.Transfer;
using Npgsql;

namespace Cluster.Storage.Maintenance;

/// <summary>Works on a database of PostgreSQL, beside silos and gateways that use it.</summary>
/// <param name="connectionString">Npgsql's connection string.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PostgresMaintenance(string connectionString, TimeProvider timeProvider) : IStoreMaintenance
{
    private static readonly ImmutableArray<string> Tables = [.. StoredTables.All.Select(table => table.Name), .. MediaStatements.Tables];

    /// <inheritdoc/>
    public Task<long> BackUpAsync(string file, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default) => throw new InvalidRequestException(
        "A database of PostgreSQL is backed up with its own tools: pg_dump --format=custom, or pg_basebackup for the whole server. `store export` writes what another kind of store can take in.");

    /// <inheritdoc/>
    public Task<StoreReport> CheckAsync(IProgress<StoreProgress> progress, CancellationToken cancellationToken = default) =>
        ReadAsync((connection, _) => new PostgresCheck(connection, progress).RunAsync(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task<(long Before, long After)> CompactAsync(IProgress<StoreProgress> progress, CancellationToken cancellationToken = default) => RunAsync(
        async (connection, _) =>
        {
            var before = await SizeAsync(connection, cancellationToken);
            foreach (var (index, table) in Tables.Index())
            {
                progress.Report(new StoreProgress($"compact {table}", index, Tables.Length, "tables"));
                await new Statement($"VACUUM (ANALYZE) {table}").ExecuteAsync(connection, cancellationToken);
            }

            return (before, await SizeAsync(connection, cancellationToken));
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<long> ExportAsync(Stream target, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default) => ReadAsync(
        async (connection, _) =>
        {
            MediaChecks.DemandNone((await new Statement(MediaChecks.Count).QueryAsync(connection, row => row.GetInt64(0), cancellationToken))[0]);
            return await new StoreExport(new PostgresSource(connection), target, progress).WriteAsync(timeProvider.GetUtcNow().ToUnixTimeSeconds(), cancellationToken);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<long> ImportAsync(Stream source, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default) => RunAsync(
        async (connection, server) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var target = await PostgresTarget.OpenAsync(connection, transaction, server, cancellationToken);
            await using var lines = new ExportedLines(source);
            return await new StoreImport(lines, target, progress).ReadAsync(cancellationToken);
        },
        cancellationToken,
        migrate: true);

    /// <inheritdoc/>
    public async Task<(long Runs, long Sessions)> PruneAsync(StorePruning pruning, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default)
    {
        await using var dataSource = PostgresConnection.CreateDataSource(connectionString);
        await new PostgresMigrator(dataSource).CheckAsync(cancellationToken);
        var pruner = new Pruner(tenant => new PostgresRetention(dataSource, tenant), timeProvider, progress);
        return await pruner.PruneAsync(await new PostgresCrossTenantReads(dataSource).ListTenantsAsync(cancellationToken), pruning, cancellationToken);
    }

    private static async Task<long> SizeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = string.Join(" + ", Tables.Select(table => $"pg_total_relation_size('{table}')"));
        return (await new Statement($"SELECT {tables}").QueryAsync(connection, row => row.GetInt64(0), cancellationToken))[0];
    }

    /// <summary>Reads everything as it is at one moment.</summary>
    private Task<T> ReadAsync<T>(Func<NpgsqlConnection, string, Task<T>> read, CancellationToken cancellationToken) => RunAsync(
        async (connection, server) =>
        {
            await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
            await new Statement("SET TRANSACTION READ ONLY").ExecuteAsync(connection, cancellationToken);
            return await read(connection, server);
        },
        cancellationToken);

    private async Task<T> RunAsync<T>(Func<NpgsqlConnection, string, Task<T>> work, CancellationToken cancellationToken, bool migrate = false)
    {
        // Whole tables take as long as they take.
        await using var dataSource = PostgresConnection.CreateDataSource(connectionString, connection => connection.CommandTimeout = 0);
        var database = new PostgresDatabase(dataSource);
        var migrator = new PostgresMigrator(dataSource);
        await (migrate ? migrator.UpAsync(cancellationToken) : migrator.CheckAsync(cancellationToken));
        return await database.RunAsync((connection, _) => work(connection, database.Name), cancellationToken, isRepeatable: false);
    }
}
