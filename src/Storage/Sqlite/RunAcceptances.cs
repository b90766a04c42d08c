using System.Collections.Immutable;
using Cluster.Engine.Contents;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Storage.Blobs;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Records new runs.</summary>
internal static class RunAcceptances
{
    private const string InsertRun =
        "INSERT INTO runs (tenant_id, run_id, session, component_id, user_id, parent_run_id, status, streamed, idempotency_key, created_at, output, generation, position) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CAST($11 AS TEXT), $12, $13) RETURNING sequence";

    private const string InsertEvents = "INSERT INTO run_events (run, position, events) VALUES ($1, $2, CAST($3 AS TEXT))";

    /// <summary>Records a run.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="acceptance">The run.</param>
    /// <param name="written">Its first event and its record, written out.</param>
    /// <returns>Where it stands.</returns>
    public static AcceptedRun Accept(PreparedConnection connection, TenantId tenant, RunAcceptance acceptance, WrittenRun written)
    {
        var request = acceptance.Event.Request;
        if (FindRepeated(connection, tenant, request) is { } known)
        {
            return known;
        }

        var stored = SessionRows.FindHead(connection, tenant, request.SessionId);
        var admitted = SessionAdmission.Admit(stored?.Record, acceptance);
        RefuseTaken(connection, tenant, request.RunId);
        var session = stored?.Creation ?? SessionRows.Insert(connection, tenant, admitted)!.Value;
        if (stored is not null && request.ParentRunId is null)
        {
            SessionRows.Admit(connection, session, admitted);
        }

        var sequence = Insert(connection, tenant, session, request, acceptance.Output, written, (Generation: 1, Length: 1));
        return new AcceptedRun(request.RunId, sequence, IsNew: true, OpensSession: stored is null);
    }

    /// <summary>Records a session with runs that have settled.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="copy">The session and its runs.</param>
    /// <returns>True when it was created, false when the id is taken and nothing changed.</returns>
    public static bool Copy(PreparedConnection connection, TenantId tenant, SessionCopy copy)
    {
        foreach (var run in copy.Runs)
        {
            RefuseTaken(connection, tenant, run.Output.RunId);
        }

        if (SessionRows.Insert(connection, tenant, copy.Session) is not { } session)
        {
            return false;
        }

        foreach (var run in copy.Runs)
        {
            // An idempotency key stays with the run that it was made for.
            var request = run.Request with { IdempotencyKey = null, RunId = run.Output.RunId };
            Insert(connection, tenant, session, request, run.Output, WrittenRun.Of(run), (run.Generation, run.Events.Length));
        }

        return true;
    }

    /// <summary>Adds events to a run's log.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="run">The run's sequence.</param>
    /// <param name="position">The position of the first.</param>
    /// <param name="events">The events, written out as an array.</param>
    public static void AddEvents(PreparedConnection connection, long run, int position, byte[] events) => connection.Execute(
        new Statement(InsertEvents).Add(ColumnType.Long, run).Add(ColumnType.Integer, position).Add(ColumnType.Json, events));

    private static AcceptedRun? FindRepeated(PreparedConnection connection, TenantId tenant, RunRequest request) => request.IdempotencyKey is not { } key
        ? null
        : connection.Find(
            new Statement("SELECT run_id, sequence FROM runs WHERE tenant_id = $1 AND component_id = $2 AND user_id IS $3 AND idempotency_key = $4")
                .Add(tenant)
                .Add(ColumnType.Text, request.AgentId)
                .Add(ColumnType.Text, request.UserId)
                .Add(ColumnType.Text, key),
            row => new AcceptedRun(row.GetString(0), row.GetInt64(1), IsNew: false));

    private static void RefuseTaken(PreparedConnection connection, TenantId tenant, string runId)
    {
        if (connection.Number(new Statement("SELECT sequence FROM runs WHERE tenant_id = $1 AND run_id = $2").Add(tenant).Add(ColumnType.Text, runId)) is not null)
        {
            throw SessionAdmission.RunExists(runId);
        }
    }

    private static long Insert(
        PreparedConnection connection, TenantId tenant, long session, RunRequest request, RunOutput output, WrittenRun written, (long Generation, int Length) log)
    {
        var sequence = connection.Number(new Statement(InsertRun)
            .Add(tenant)
            .Add(ColumnType.Text, request.RunId)
            .Add(ColumnType.Long, session)
            .Add(ColumnType.Text, request.AgentId)
            .Add(ColumnType.Text, request.UserId)
            .Add(ColumnType.Text, request.ParentRunId)
            .Add(ColumnType.Text, RunColumns.ToText(output.Status))
            .Add(ColumnType.Boolean, request.Streamed)
            .Add(ColumnType.Text, request.IdempotencyKey)
            .Add(ColumnType.Long, output.CreatedAt)
            .Add(ColumnType.Json, written.Output)
            .Add(ColumnType.Long, log.Generation)
            .Add(ColumnType.Integer, log.Length))!.Value;
        AddEvents(connection, sequence, 0, written.Events);
        SqliteMediaIndex.Add(connection, tenant, sequence, written.Uses);
        return sequence;
    }

    /// <summary>What callers write out before they queue, so that the writer has less to do.</summary>
    /// <param name="Events">The events, as an array.</param>
    /// <param name="Output">The record.</param>
    /// <param name="Uses">The content to which they refer.</param>
    internal sealed record WrittenRun(byte[] Events, byte[] Output, IReadOnlyList<MediaUse> Uses)
    {
        public long Size => Events.Length + Output.Length;

        public static WrittenRun Of(RunAcceptance acceptance) => Of([acceptance.Event], acceptance.Output);

        public static WrittenRun Of(RunCopy copy) => Of(copy.Events, copy.Output);

        private static WrittenRun Of(ImmutableArray<RunEvent> events, RunOutput output)
        {
            var uses = new List<MediaUse>();
            return new WrittenRun(
                SplitJson.ToArray(events, EngineJson.Context.ImmutableArrayRunEvent, uses), SplitJson.ToArray(output, EngineJson.Context.RunOutput, uses), uses);
        }
    }
}
