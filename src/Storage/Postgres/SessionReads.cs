using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Postgres;

/// <summary>Looks sessions up for many callers in one round trip.</summary>
/// <param name="database">The database.</param>
internal sealed class SessionReads(PostgresDatabase database)
{
    private const string Sql = $"SELECT {SessionColumns.Names}, tenant_id FROM read_sessions($1, $2)";

    /// <summary>Reads a batch and completes its items.</summary>
    /// <param name="items">Who is asked for.</param>
    /// <returns>A task that ends when all have been read.</returns>
    public async Task ReadAsync(IReadOnlyList<Item> items)
    {
        var keys = items.Select(item => item.Key).Distinct().ToArray();
        var statement = new Statement(Sql).AddColumn(ColumnType.Text, keys, key => key.Tenant).AddColumn(ColumnType.Text, keys, key => key.SessionId);
        var sessions = await database.RunAsync((connection, token) => statement.QueryAsync(connection, row => (Tenant: row.GetString(row.FieldCount - 1), Session: SessionColumns.Read(row)), token), CancellationToken.None);
        var found = sessions.ToDictionary(row => (row.Tenant, row.Session.SessionId), row => row.Session);
        foreach (var item in items)
        {
            item.Complete(found.GetValueOrDefault(item.Key));
        }
    }

    /// <summary>A question for a session.</summary>
    /// <param name="tenant">Whose session.</param>
    /// <param name="sessionId">The session's id.</param>
    internal sealed class Item(TenantId tenant, string sessionId) : BatchItem<SessionRecord?>
    {
        public (string Tenant, string SessionId) Key => (tenant.Value, sessionId);

        public override long Size => sessionId.Length;
    }
}
