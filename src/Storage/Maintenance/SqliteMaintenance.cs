using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Storage.Retention;
using Cluster.Storage.Sql;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Transfer;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Storage.Maintenance;

/// <summary>
/// Works on a database of SQLite. What only reads does so beside the server that has the store: it takes no lock, and sees what was committed when it began.
/// What writes needs the store for itself.
/// </summary>
/// <param name="options">Where the store is.</param>
/// <param name="timeProvider">The clock.</param>
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "Each of its verbs is a few lines about other types.")]
internal sealed class SqliteMaintenance(SqliteStorageOptions options, TimeProvider timeProvider) : IStoreMaintenance
{
    private readonly string _place = Path.GetFullPath(options.Directory);

    private string MediaDirectory => Path.Combine(_place, MediaServiceCollectionExtensions.DirectoryName);

    private string DatabaseFile => Path.Combine(_place, SqliteStorageOptions.FileName);

    /// <inheritdoc/>
    public async Task<long> BackUpAsync(string file, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default)
    {
        var media = $"{file}.{MediaServiceCollectionExtensions.DirectoryName}";
        if (Directory.Exists(media))
        {
            throw new ConflictException($"'{media}' exists already, and nothing is overwritten. Name another file, or remove it.");
        }

        await using var draft = DraftFile.Create(file);
        Read(connection =>
        {
            var total = PageBytes(connection, "page_count") - PageBytes(connection, "freelist_count");
            connection.Watch(() =>
            {
                progress.Report(new StoreProgress("backup", new FileInfo(draft.Path).Length, total, "bytes"));
                return !cancellationToken.IsCancellationRequested;
            });
            connection.Execute(new Statement("VACUUM INTO $1").Add(ColumnType.Text, draft.Path));
            return true;
        });
        cancellationToken.ThrowIfCancellationRequested();

        // What the copy knows of: content that comes later belongs to runs that it does not have.
        return MediaChecks.Copy(MediaDirectory, media, PlacesOf(draft.Path), cancellationToken) + draft.Complete();
    }

    /// <inheritdoc/>
    public Task<StoreReport> CheckAsync(IProgress<StoreProgress> progress, CancellationToken cancellationToken = default) =>
        ReadAsync(connection => new SqliteCheck(connection, MediaDirectory, progress, cancellationToken).RunAsync());

    /// <inheritdoc/>
    public Task<(long Before, long After)> CompactAsync(IProgress<StoreProgress> progress, CancellationToken cancellationToken = default)
    {
        FindFile();
        return WriteAsync(
            connection =>
            {
                var before = PageBytes(connection, "page_count");
                connection.Watch(() =>
                {
                    progress.Report(new StoreProgress("compact", 0, 0, "bytes"));
                    return !cancellationToken.IsCancellationRequested;
                });
                connection.Execute("VACUUM");
                connection.Query(new Statement("PRAGMA wal_checkpoint(TRUNCATE)"), _ => true);
                return Task.FromResult((before, PageBytes(connection, "page_count")));
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> ExportAsync(Stream target, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default) => ReadAsync(async connection =>
    {
        MediaChecks.DemandNone(connection.Number(new Statement(MediaChecks.Count))!.Value);
        await using var source = new SqliteSource(connection);
        return await new StoreExport(source, target, progress).WriteAsync(timeProvider.GetUtcNow().ToUnixTimeSeconds(), cancellationToken);
    });

    /// <inheritdoc/>
    public Task<long> ImportAsync(Stream source, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default) => WriteAsync(
        async connection =>
        {
            foreach (var table in StoredTables.All)
            {
                if (connection.Number(new Statement($"SELECT 1 FROM {table.Name} LIMIT 1")) is not null)
                {
                    throw StoreImport.NotEmpty($"The store in '{_place}'");
                }
            }

            await using var lines = new ExportedLines(source);
            await using var target = new SqliteTarget(connection);
            return await new StoreImport(lines, target, progress).ReadAsync(cancellationToken);
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task<(long Runs, long Sessions)> PruneAsync(StorePruning pruning, IProgress<StoreProgress> progress, CancellationToken cancellationToken = default)
    {
        FindFile();
        using var database = SqliteDatabase.Open(options);
        var pruner = new Pruner(tenant => new SqliteRetention(database, tenant), timeProvider, progress);
        return await pruner.PruneAsync(await new SqliteCrossTenantReads(database).ListTenantsAsync(cancellationToken), pruning, cancellationToken);
    }

    private static List<(string TenantId, string Location, long Bytes)> PlacesOf(string file)
    {
        using var copy = SqliteConnections.Open(SqliteConnections.Describe(file, SqliteOpenMode.ReadOnly));
        return copy.Query(new Statement(MediaChecks.Places), row => (row.GetString(0), row.GetString(1), row.GetInt64(2)));
    }

    private static long PageBytes(PreparedConnection connection, string pages) =>
        connection.Number(new Statement($"PRAGMA {pages}"))!.Value * connection.Number(new Statement("PRAGMA page_size"))!.Value;

    private void FindFile()
    {
        if (!File.Exists(DatabaseFile))
        {
            throw new UnavailableException($"There is no store in '{_place}': it holds no {SqliteStorageOptions.FileName}. Name its directory with --store sqlite:DIRECTORY.");
        }
    }

    private T Read<T>(Func<PreparedConnection, T> read)
    {
        FindFile();
        try
        {
            using var connection = SqliteConnections.Open(SqliteConnections.Describe(DatabaseFile, SqliteOpenMode.ReadOnly));
            SqliteMigrator.Check(connection, _place);
            return read(connection);
        }
        catch (SqliteException error)
        {
            throw Translate(error);
        }
    }

    private async Task<T> ReadAsync<T>(Func<PreparedConnection, Task<T>> read)
    {
        FindFile();
        try
        {
            using var connection = SqliteConnections.Open(SqliteConnections.Describe(DatabaseFile, SqliteOpenMode.ReadOnly));
            SqliteMigrator.Check(connection, _place);
            return await read(connection);
        }
        catch (SqliteException error)
        {
            throw Translate(error);
        }
    }

    private async Task<T> WriteAsync<T>(Func<PreparedConnection, Task<T>> write, CancellationToken cancellationToken)
    {
        using var taken = DirectoryLock.Take(_place);
        try
        {
            using var connection = SqliteConnections.OpenWriter(DatabaseFile, options);
            SqliteMigrator.Up(connection, _place, NullLogger.Instance);
            return await write(connection);
        }
        catch (SqliteException error)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Translate(error);
        }
    }

    private Exception Translate(SqliteException error) => error.SqliteErrorCode == SqliteErrors.Interrupted
        ? new OperationCanceledException("It was broken off.", error)
        : SqliteErrors.Translate(error, _place) ?? SqliteErrors.NotOpened(_place, error);
}
