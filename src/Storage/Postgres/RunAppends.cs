using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;
using Cluster.Storage.Blobs;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Appends to the logs of many runs in one round trip and one transaction.</summary>
/// <param name="database">The database.</param>
internal sealed class RunAppends(PostgresDatabase database)
{
    private const string Sql = "SELECT refused_item, log_generation, log_length FROM extend_runs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

    /// <summary>Writes a batch and completes its items.</summary>
    /// <param name="items">The appends.</param>
    /// <returns>A task that ends when the batch is durable.</returns>
    public async Task WriteAsync(IReadOnlyList<Item> items)
    {
        foreach (var round in Rounds.Of(items, item => [item.Append.RunId]))
        {
            await WriteRoundAsync(round);
        }
    }

    private async Task WriteRoundAsync(List<Item> items)
    {
        // Whoever locks several runs does it in the same order, so that nobody waits in a circle.
        var ordered = items.OrderBy(item => item.Tenant.Value, StringComparer.Ordinal).ThenBy(item => item.Append.RunId, StringComparer.Ordinal).ToArray();
        var refusals = await database.RunAsync((connection, cancellationToken) => SendAsync(connection, ordered, cancellationToken), CancellationToken.None);
        for (var i = 0; i < ordered.Length; i++)
        {
            if (refusals.TryGetValue(i, out var refusal))
            {
                ordered[i].Fail(refusal);
            }
            else
            {
                ordered[i].Complete(true);
            }
        }
    }

    private static async Task<Dictionary<int, EngineException>> SendAsync(NpgsqlConnection connection, Item[] items, CancellationToken cancellationToken)
    {
        var refusals = await ToStatement(items).QueryAsync(connection, row => ReadRefusal(row, items), cancellationToken);
        return refusals.ToDictionary(refusal => refusal.Index, refusal => refusal.Exception);
    }

    private static Statement ToStatement(Item[] items)
    {
        var approvals = items.Index().Where(item => !item.Item.Append.Approvals.IsEmpty).Select(item => (item.Index + 1, item.Item.Tenant, item.Item.Append.Approvals)).ToArray();
        var regenerated = items.Index().Where(item => item.Item.Append.Regenerated is not null).Select(item => (item.Index + 1, item.Item.Tenant, item.Item.Append.Regenerated)).ToArray();
        var uses = items.Index().SelectMany(item => item.Item.Uses.Select(use => new ReferenceRow(item.Item.Tenant, item.Index + 1, item.Item.Append.RunId, use))).ToArray();
        if (approvals.Length == 0 && regenerated.Length == 0 && uses.Length == 0)
        {
            return AddItems(new Statement(Sql), items);
        }

        var statement = AddItems(new Statement($"WITH refusals AS MATERIALIZED ({Sql})"), items);
        if (approvals.Length > 0)
        {
            statement.AppendApprovals(approvals);
        }

        if (regenerated.Length > 0)
        {
            AppendRegenerated(statement, regenerated);
        }

        if (uses.Length > 0)
        {
            statement.AppendReferences(uses, "NOT EXISTS (SELECT FROM refusals f WHERE f.refused_item = i.item)");
        }

        return statement.Append(" SELECT refused_item, log_generation, log_length FROM refusals");
    }

    private static Statement AddItems(Statement statement, Item[] items)
    {
        var patches = items.Index().Where(item => item.Item.Append.Session is not null).ToArray();
        return statement
            .AddColumn(ColumnType.Text, items, item => item.Tenant.Value)
            .AddColumn(ColumnType.Uuid, items, item => item.Write)
            .AddColumn(ColumnType.Text, items, item => item.Append.RunId)
            .AddColumn(ColumnType.Long, items, item => item.Append.Generation)
            .AddColumn(ColumnType.Integer, items, item => item.Append.Position)
            .AddColumn(ColumnType.Integer, items, item => item.Append.Events.Length)
            .AddColumn(ColumnType.Text, items, item => item.Append.Output is { } output ? RunColumns.ToText(output.Status) : null)
            .AddColumn(ColumnType.Json, items, item => item.Output)
            .AddColumn(ColumnType.Json, items, item => item.Events)
            .AddColumn(ColumnType.Integer, patches, patch => patch.Index + 1)
            .AddPatches(patches, patch => patch.Item.Append.Session!);
    }

    /// <summary>What some runs have come to regenerates others, in the same step.</summary>
    private static void AppendRegenerated(Statement statement, (int Item, TenantId Tenant, string? RunId)[] regenerated) => statement
        .Append(", regenerated AS (UPDATE runs r SET status = 'REGENERATED' FROM unnest(")
        .AppendColumn(ColumnType.Integer, regenerated, item => item.Item)
        .Append(", ").AppendColumn(ColumnType.Text, regenerated, item => item.Tenant.Value)
        .Append(", ").AppendColumn(ColumnType.Text, regenerated, item => item.RunId)
        .Append(") AS i (item, tenant_id, run_id) WHERE r.tenant_id = i.tenant_id AND r.run_id = i.run_id AND r.status IN ('COMPLETED', 'ERROR') AND NOT EXISTS (SELECT FROM refusals f WHERE f.refused_item = i.item))");

    private static (int Index, EngineException Exception) ReadRefusal(NpgsqlDataReader row, Item[] items)
    {
        var index = row.GetInt32(0) - 1;
        var append = items[index].Append;
        return (index, row.IsDBNull(1) ? RunFence.Missing(append.RunId) : Refusal(append, row.GetInt64(1), row.GetInt32(2)));
    }

    private static FencedException Refusal(RunAppend append, long generation, int length)
    {
        try
        {
            RunFence.Check(append, generation, length);
        }
        catch (FencedException refusal)
        {
            return refusal;
        }

        return new FencedException($"Run '{append.RunId}' was appended to by another owner at the same time.");
    }

    /// <summary>An append with its payloads written out, which its caller does before it queues.</summary>
    internal sealed class Item : BatchItem<bool>
    {
        public Item(TenantId tenant, RunAppend append)
        {
            Tenant = tenant;
            Append = append;
            Events = SplitJson.ToArray(append.Events, EngineJson.Context.ImmutableArrayRunEvent, Uses);
            Output = Values.Json(append.Output, EngineJson.Context.RunOutput, Uses);
        }

        public TenantId Tenant { get; }

        public RunAppend Append { get; }

        public byte[] Events { get; }

        public byte[]? Output { get; }

        /// <summary>Gets the content to which they refer.</summary>
        public List<MediaUse> Uses { get; } = [];

        public override long Size => Events.Length + (Output?.Length ?? 0);
    }
}
