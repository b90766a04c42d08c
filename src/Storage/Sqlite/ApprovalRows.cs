using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Writes the rows of approvals.</summary>
internal static class ApprovalRows
{
    private const string InsertApproval =
        "INSERT INTO approvals (tenant_id, approval_id, run_id, session_id, status, is_applied, source_type, approval_type, pause_type, agent_id, team_id, workflow_id, user_id, "
        + "schedule_id, expires_at, created_at, request) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, CAST($17 AS TEXT)) "
        + "ON CONFLICT (tenant_id, approval_id) DO NOTHING";

    /// <summary>Applies what an append changes of approvals.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="changes">The changes.</param>
    public static void Apply(PreparedConnection connection, TenantId tenant, ApprovalChanges changes)
    {
        foreach (var created in changes.Created)
        {
            Insert(connection, tenant, created);
        }

        foreach (var id in changes.Applied)
        {
            connection.Execute(new Statement("UPDATE approvals SET is_applied = 1 WHERE tenant_id = $1 AND approval_id = $2").Add(tenant).Add(ColumnType.Text, id));
        }
    }

    /// <summary>Decides about an approval, if nobody has and the time is right.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="approvalId">The approval's id.</param>
    /// <param name="resolution">The decision.</param>
    /// <returns>The approval as it is now, and whether the decision counts; null when there is none.</returns>
    public static ResolvedApproval? Resolve(PreparedConnection connection, TenantId tenant, string approvalId, ApprovalResolution resolution)
    {
        if (connection.Find(ApprovalQueries.ToFind(tenant, approvalId), ApprovalColumns.Read) is not { } approval)
        {
            return null;
        }

        if (approval.Resolve(resolution) is not { } resolved)
        {
            return new ResolvedApproval(approval, Counts: false);
        }

        connection.Execute(new Statement("UPDATE approvals SET status = $3, resolution = CAST($4 AS TEXT) WHERE tenant_id = $1 AND approval_id = $2")
            .Add(tenant)
            .Add(ColumnType.Text, approvalId)
            .Add(ColumnType.Text, ApprovalListing.ToText(resolution.Status))
            .Add(ColumnType.Json, Values.Json(resolution, EngineJson.Context.ApprovalResolution)));
        return new ResolvedApproval(resolved, Counts: true);
    }

    private static void Insert(PreparedConnection connection, TenantId tenant, ApprovalRecord record) => connection.Execute(new Statement(InsertApproval)
        .Add(tenant)
        .Add(ColumnType.Text, record.Id)
        .Add(ColumnType.Text, record.RunId)
        .Add(ColumnType.Text, record.SessionId)
        .Add(ColumnType.Text, ApprovalListing.ToText(record.Status))
        .Add(ColumnType.Boolean, StoredApproval.Of(record).IsApplied)
        .Add(ColumnType.Text, record.SourceType)
        .Add(ColumnType.Text, record.ApprovalType)
        .Add(ColumnType.Text, record.PauseType)
        .Add(ColumnType.Text, record.AgentId)
        .Add(ColumnType.Text, record.TeamId)
        .Add(ColumnType.Text, record.WorkflowId)
        .Add(ColumnType.Text, record.UserId)
        .Add(ColumnType.Text, record.ScheduleId)
        .Add(ColumnType.Long, record.ExpiresAt)
        .Add(ColumnType.Long, record.CreatedAt)
        .Add(ColumnType.Json, Values.Json(record, EngineJson.Context.ApprovalRecord)));
}
