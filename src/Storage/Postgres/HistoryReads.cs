using System.Collections.Immutable;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Postgres;

/// <summary>Reads what prompts show of earlier runs, for many callers in one round trip.</summary>
/// <param name="database">The database.</param>
internal sealed class HistoryReads(PostgresDatabase database)
{
    private const string Sql = "SELECT item, sequence, streamed, output FROM read_history($1, $2, $3, $4)";

    /// <summary>Tells whether a question is one for the history of a session.</summary>
    /// <param name="query">The question.</param>
    /// <returns>True when it is; others are asked one by one.</returns>
    public static bool Answers(RunQuery query) =>
        query is { Status: RunStatus.Completed, TopLevelOnly: true, MembersOnly: false, ComponentId: null, ParentRunId: null, Last: not null };

    /// <summary>Reads a batch and completes its items.</summary>
    /// <param name="items">What is asked for.</param>
    /// <returns>A task that ends when all has been read.</returns>
    public async Task ReadAsync(IReadOnlyList<Item> items)
    {
        var statement = new Statement(Sql)
            .AddColumn(ColumnType.Text, items, item => item.Tenant.Value)
            .AddColumn(ColumnType.Text, items, item => item.Query.SessionId)
            .AddColumn(ColumnType.Long, items, item => item.Query.Before ?? long.MaxValue)
            .AddColumn(ColumnType.Integer, items, item => item.Query.Last!.Value);
        var rows = await database.RunAsync(
            (connection, token) => statement.QueryAsync(
                connection,
                row => (Item: row.GetInt32(0) - 1, Record: new RunRecord(row.GetInt64(1), row.GetBoolean(2), row.GetJson(3, EngineJson.Context.RunOutput)!)),
                token),
            CancellationToken.None);
        var found = rows.ToLookup(row => row.Item, row => row.Record);
        foreach (var (index, item) in items.Index())
        {
            item.Complete([.. found[index].OrderBy(record => record.Sequence)]);
        }
    }

    /// <summary>A question for a session's history.</summary>
    /// <param name="tenant">Whose session.</param>
    /// <param name="query">The question.</param>
    internal sealed class Item(TenantId tenant, RunQuery query) : BatchItem<ImmutableArray<RunRecord>>
    {
        public TenantId Tenant => tenant;

        public RunQuery Query => query;

        public override long Size => query.SessionId.Length;
    }
}
