using System.Collections.Immutable;
using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Storage.Blobs;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Records new runs of many callers in one round trip and one transaction.</summary>
/// <param name="database">The database.</param>
internal sealed class RunAcceptances(PostgresDatabase database)
{
    private const string Columns = "SELECT outcome, known_run_id, known_sequence, stored_type, stored_component_id, stored_user_id, opens_session";
    private const string MembersSql = Columns + " FROM accept_members($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    private const string Sql = Columns + " FROM record_runs("
        + "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)";

    /// <summary>Writes a batch and completes its items.</summary>
    /// <param name="items">The new runs.</param>
    /// <returns>A task that ends when the batch is durable.</returns>
    public async Task WriteAsync(IReadOnlyList<Item> items)
    {
        foreach (var round in Rounds.Of(items, KeysOf))
        {
            await WriteAsync(round, ordered => ToStatement(Sql, ordered, statement => AddSessions(AddRuns(statement, ordered), ordered)));
        }
    }

    /// <summary>Writes a batch of runs that other runs started, which leave their sessions as they are.</summary>
    /// <param name="items">The new runs.</param>
    /// <returns>A task that ends when the batch is durable.</returns>
    public Task WriteMembersAsync(IReadOnlyList<Item> items) => WriteAsync(items, ordered => ToStatement(MembersSql, ordered, statement => AddRuns(statement, ordered)));

    /// <summary>What two runs may not have in common when they are recorded in one statement: it sees what was there before it, not what it writes itself.</summary>
    private static IEnumerable<object> KeysOf(Item item)
    {
        yield return ("session", item.Request.SessionId);
        yield return ("run", item.Request.RunId);
        if (item.Request.IdempotencyKey is { } key)
        {
            yield return (item.Request.AgentId, item.Request.UserId, key);
        }
    }

    private async Task WriteAsync(IReadOnlyList<Item> items, Func<Item[], Statement> toStatement)
    {
        // Whoever locks several sessions does it in the same order, so that nobody waits in a circle.
        var ordered = items.OrderBy(item => item.Tenant.Value, StringComparer.Ordinal).ThenBy(item => item.Request.SessionId, StringComparer.Ordinal).ToArray();
        var outcomes = await database.RunAsync((connection, cancellationToken) => SendAsync(connection, ordered, toStatement(ordered), cancellationToken), CancellationToken.None);
        for (var i = 0; i < ordered.Length; i++)
        {
            if (outcomes[i].Refusal is { } refusal)
            {
                ordered[i].Fail(refusal);
            }
            else
            {
                ordered[i].Complete(outcomes[i].Accepted!);
            }
        }
    }

    private static Task<List<Outcome>> SendAsync(NpgsqlConnection connection, Item[] items, Statement statement, CancellationToken cancellationToken)
    {
        var index = 0;
        return statement.QueryAsync(connection, row => ReadOutcome(row, items[index++].Acceptance), cancellationToken);
    }

    private static Statement ToStatement(string sql, Item[] items, Func<Statement, Statement> addParameters)
    {
        var uses = items.SelectMany(item => item.Uses.Select(use => new ReferenceRow(item.Tenant, 0, item.Request.RunId, use))).ToArray();
        return uses.Length == 0
            ? addParameters(new Statement(sql))
            : addParameters(new Statement($"WITH accepted AS MATERIALIZED ({sql})"))
                .AppendReferences(uses, "EXISTS (SELECT FROM accepted a WHERE a.known_run_id = i.run_id AND a.outcome = 'accepted')")
                .Append($" {Columns} FROM accepted");
    }

    private static Statement AddRuns(Statement statement, Item[] items) => statement
        .AddColumn(ColumnType.Text, items, item => item.Tenant.Value)
        .AddColumn(ColumnType.Uuid, items, item => item.Write)
        .AddColumn(ColumnType.Text, items, item => item.Request.RunId)
        .AddColumn(ColumnType.Text, items, item => item.Request.SessionId)
        .AddColumn(ColumnType.Text, items, item => item.Request.AgentId)
        .AddColumn(ColumnType.Text, items, item => item.Request.UserId)
        .AddColumn(ColumnType.Text, items, item => item.Request.ParentRunId)
        .AddColumn(ColumnType.Text, items, item => item.Request.IdempotencyKey)
        .AddColumn(ColumnType.Boolean, items, item => item.Request.Streamed)
        .AddColumn(ColumnType.Text, items, item => RunColumns.ToText(item.Acceptance.Output.Status))
        .AddColumn(ColumnType.Json, items, item => item.Output)
        .AddColumn(ColumnType.Json, items, item => item.Events)
        .AddColumn(ColumnType.Long, items, item => item.Acceptance.Output.CreatedAt);

    private static Statement AddSessions(Statement statement, Item[] items) => statement
        .AddColumn(ColumnType.Text, items, item => SessionColumns.ToText(item.Session.SessionType))
        .AddColumn(ColumnType.Text, items, item => item.Session.ComponentId)
        .AddColumn(ColumnType.Text, items, item => item.Session.UserId)
        .AddColumn(ColumnType.Json, items, item => Values.Text(item.Session.SessionName))
        .AddColumn(ColumnType.Bytes, items, item => Values.Folded(item.Session.SessionName))
        .AddColumn(ColumnType.Json, items, item => Values.Text(item.Session.FirstInput))
        .AddColumn(ColumnType.Json, items, item => Values.Json(item.Session.SessionState))
        .AddColumn(ColumnType.Json, items, item => Values.Json(item.Session.Metadata))
        .AddColumn(ColumnType.Json, items, item => Values.Json(item.Session.Metrics, EngineJson.Context.RunMetrics))
        .AddColumn(ColumnType.Json, items, item => Values.Json(item.Session.ComponentData))
        .AddColumn(ColumnType.Long, items, item => item.Session.CreatedAt)
        .AddColumn(ColumnType.Long, items, item => item.Session.UpdatedAt);

    private static Outcome ReadOutcome(NpgsqlDataReader row, RunAcceptance acceptance) => row.GetString(0) switch
    {
        "accepted" => new Outcome(new AcceptedRun(row.GetString(1), row.GetInt64(2), IsNew: true, row.GetBoolean(6)), null),
        "known" => new Outcome(new AcceptedRun(row.GetString(1), row.GetInt64(2), IsNew: false), null),
        _ => new Outcome(null, Refusal(row, acceptance)),
    };

    private static EngineException Refusal(NpgsqlDataReader row, RunAcceptance acceptance)
    {
        var stored = row.GetText(3) is { } type
            ? acceptance.Session with { SessionType = SessionColumns.ToType(type), ComponentId = row.GetText(4), UserId = row.GetText(5) }
            : null;
        try
        {
            SessionAdmission.Admit(stored, acceptance);
        }
        catch (EngineException refusal)
        {
            return refusal;
        }

        return SessionAdmission.RunExists(acceptance.Event.Request.RunId);
    }

    private sealed record Outcome(AcceptedRun? Accepted, EngineException? Refusal);

    /// <summary>A new run with its payloads written out, which its caller does before it queues.</summary>
    internal sealed class Item : BatchItem<AcceptedRun>
    {
        public Item(TenantId tenant, RunAcceptance acceptance)
        {
            Tenant = tenant;
            Acceptance = acceptance;
            Events = SplitJson.ToArray(ImmutableArray.Create<RunEvent>(acceptance.Event), EngineJson.Context.ImmutableArrayRunEvent, Uses);
            Output = SplitJson.ToArray(acceptance.Output, EngineJson.Context.RunOutput, Uses);
        }

        public TenantId Tenant { get; }

        public RunAcceptance Acceptance { get; }

        public RunRequest Request => Acceptance.Event.Request;

        public SessionRecord Session => Acceptance.Session;

        public byte[] Events { get; }

        public byte[] Output { get; }

        /// <summary>Gets the content to which they refer.</summary>
        public List<MediaUse> Uses { get; } = [];

        public override long Size => Events.Length + Output.Length;
    }
}
