using Cluster.Engine.Sessions;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Postgres;

/// <summary>Looks sessions up for many callers in one round trip.</summary>
/// <param name="database">The database.</param>
internal sealed class SessionReads(PostgresDatabase database)
{
    private const string Sql = $"SELECT {SessionColumns.Names} FROM read_sessions($1)";

    /// <summary>Reads a batch and completes its items.</summary>
    /// <param name="items">Who is asked for.</param>
    /// <returns>A task that ends when all have been read.</returns>
    public async Task ReadAsync(IReadOnlyList<Item> items)
    {
        var statement = new Statement(Sql).AddArray(ColumnType.Text, items.Select(item => item.SessionId).Distinct(StringComparer.Ordinal).ToArray());
        var sessions = await database.RunAsync((connection, token) => statement.QueryAsync(connection, SessionColumns.Read, token), CancellationToken.None);
        var found = sessions.ToDictionary(session => session.SessionId, StringComparer.Ordinal);
        foreach (var item in items)
        {
            item.Complete(found.GetValueOrDefault(item.SessionId));
        }
    }

    /// <summary>A question for a session.</summary>
    /// <param name="sessionId">The session's id.</param>
    internal sealed class Item(string sessionId) : BatchItem<SessionRecord?>
    {
        public string SessionId => sessionId;

        public override long Size => sessionId.Length;
    }
}
