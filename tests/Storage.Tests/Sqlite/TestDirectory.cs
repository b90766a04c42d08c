using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Data.Sqlite;

namespace Cluster.Storage.Tests.Sqlite;

/// <summary>A directory of one test, removed after it.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    public SqliteStorageOptions Options => new() { Directory = Path };

    public string DatabaseFile => System.IO.Path.Combine(Path, SqliteStorageOptions.FileName);

    /// <summary>Gets the file of what was committed and is not in the database yet.</summary>
    public string LogFile => DatabaseFile + "-wal";

    public static Task<StoreUnderTest> OpenStoreAsync()
    {
        var directory = new TestDirectory();
        var store = directory.Open();
        return Task.FromResult(new StoreUnderTest(store.Runs, store.Runs, store.Runs, store.Runs, store.Approvals, () =>
        {
            store.Dispose();
            directory.Dispose();
            return ValueTask.CompletedTask;
        }));
    }

    public OpenStore Open() => OpenStore.Open(Options);

    /// <summary>Reads everything that a store on this directory shows.</summary>
    public async Task<string> ReadAsync()
    {
        using var store = Open();
        return await Contents.ReadAsync(store.Runs);
    }

    /// <summary>Copies the files as they are now, open or not, as a crash would leave them.</summary>
    public TestDirectory Copy()
    {
        var copy = new TestDirectory();
        File.Copy(DatabaseFile, copy.DatabaseFile);
        if (File.Exists(LogFile))
        {
            File.Copy(LogFile, copy.LogFile);
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>Sends SQL to the file, as somebody's tool would while nothing has it open.</summary>
    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "Tests write it.")]
    public void Execute(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = DatabaseFile, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

/// <summary>A database that is open, and the stores on it.</summary>
internal sealed class OpenStore : IDisposable
{
    private OpenStore(SqliteDatabase database) => Database = database;

    public SqliteDatabase Database { get; }

    public SqliteStore Runs => field ??= new SqliteStore(Database, TenantId.Default);

    public SqliteApprovals Approvals => field ??= new SqliteApprovals(Database, TenantId.Default);

    public SqliteUserMemories Memories => field ??= new SqliteUserMemories(Database, TenantId.Default);

    public static OpenStore Open(SqliteStorageOptions options) => new(SqliteDatabase.Open(options));

    public void Dispose() => Database.Dispose();
}
