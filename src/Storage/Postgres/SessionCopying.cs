using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Contents;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Storage.Blobs;
using Cluster.Storage.Sql;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Creates sessions that come with runs.</summary>
internal static class SessionCopying
{
    /// <summary>Writes a session with its runs.</summary>
    /// <param name="database">The database.</param>
    /// <param name="tenant">Whose session.</param>
    /// <param name="copy">The session and its runs.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>True when it was created, false when the id is taken.</returns>
    /// <exception cref="ConflictException">The id of a run is taken.</exception>
    public static async Task<bool> WriteAsync(PostgresDatabase database, TenantId tenant, SessionCopy copy, CancellationToken cancellationToken)
    {
        try
        {
            var statement = ToStatement(tenant, copy);
            return (await database.RunAsync((connection, token) => statement.QueryAsync(connection, _ => true, token), cancellationToken, isRepeatable: false)).Count > 0;
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new ConflictException($"A run of the copied session '{copy.Session.SessionId}' has the id of another run.");
        }
    }

    /// <summary>One statement is all of it or nothing; it returns a row when the id was free.</summary>
    private static Statement ToStatement(TenantId tenant, SessionCopy copy)
    {
        const string Runs =
            "WITH made AS (" + SessionWriting.Insert + " RETURNING session_id), "
            + "copied AS (SELECT run.* FROM made, unnest($15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26) WITH ORDINALITY AS run (run_id, component_id, "
            + "user_id, parent_run_id, status, generation, position, streamed, last_write, output, created_at, events, place)), "
            + "runs_made AS (INSERT INTO runs (tenant_id, run_id, session_id, component_id, user_id, parent_run_id, status, generation, position, streamed, last_write, output, created_at) "
            + "SELECT $1, run_id, $2, component_id, user_id, parent_run_id, status, generation, position, streamed, last_write, output, created_at FROM copied ORDER BY place), "
            + "events_made AS (INSERT INTO run_events (tenant_id, run_id, position, events) SELECT $1, run_id, 0, events FROM copied)";
        var uses = new List<ReferenceRow>();
        var statement = SessionWriting.Add(new Statement(Runs), tenant, copy.Session)
            .AddColumn(ColumnType.Text, copy.Runs, run => Values.Id(run.Output.RunId, "run id"))
            .AddColumn(ColumnType.Text, copy.Runs, run => Values.Id(run.Request.AgentId, "agent id"))
            .AddColumn(ColumnType.Text, copy.Runs, run => Values.Id(run.Request.UserId, "user id"))
            .AddColumn(ColumnType.Text, copy.Runs, run => Values.Id(run.Request.ParentRunId, "parent run id"))
            .AddColumn(ColumnType.Text, copy.Runs, run => RunColumns.ToText(run.Output.Status))
            .AddColumn(ColumnType.Long, copy.Runs, run => run.Generation)
            .AddColumn(ColumnType.Integer, copy.Runs, run => run.Events.Length)
            .AddColumn(ColumnType.Boolean, copy.Runs, run => run.Request.Streamed)
            .AddColumn(ColumnType.Uuid, copy.Runs, _ => Guid.NewGuid())
            .AddColumn(ColumnType.Json, copy.Runs, run => Written(tenant, run, run.Output, EngineJson.Context.RunOutput, uses))
            .AddColumn(ColumnType.Long, copy.Runs, run => run.Output.CreatedAt)
            .AddColumn(ColumnType.Json, copy.Runs, run => Written(tenant, run, run.Events, EngineJson.Context.ImmutableArrayRunEvent, uses));
        return (uses.Count == 0 ? statement : statement.AppendReferences(uses, "EXISTS (SELECT FROM made)")).Append(" SELECT true FROM made");
    }

    private static byte[] Written(TenantId tenant, RunCopy run, object value, JsonTypeInfo type, List<ReferenceRow> rows)
    {
        var uses = new List<MediaUse>();
        var written = SplitJson.ToArray(value, type, uses);
        rows.AddRange(uses.Select(use => new ReferenceRow(tenant, 0, run.Output.RunId, use)));
        return written;
    }
}
