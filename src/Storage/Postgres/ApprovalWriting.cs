using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Scopes;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Postgres;

/// <summary>Creates approvals together with appends to the logs of their runs, and decides about them.</summary>
internal static class ApprovalWriting
{
    private const string Refused = "EXISTS (SELECT FROM refusals f WHERE f.refused_item = i.item)";

    /// <summary>Goes on with a statement whose first part is a query named <c>refusals</c>: what was not refused changes its approvals, in the same step.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="changes">The changes, each with the number of its item, from 1, and its tenant.</param>
    /// <returns>The statement.</returns>
    public static Statement AppendApprovals(this Statement statement, IReadOnlyList<(int Item, TenantId Tenant, ApprovalChanges Changes)> changes)
    {
        (int Item, TenantId Tenant, ApprovalRecord Record)[] created = [.. changes.SelectMany(change => change.Changes.Created.Select(record => (change.Item, change.Tenant, record)))];
        (int Item, TenantId Tenant, string Id)[] applied = [.. changes.SelectMany(change => change.Changes.Applied.Select(id => (change.Item, change.Tenant, id)))];
        statement.Append(
                ", created AS (INSERT INTO approvals (tenant_id, approval_id, run_id, session_id, status, is_applied, source_type, approval_type, pause_type, agent_id, team_id, "
                + "workflow_id, user_id, schedule_id, expires_at, created_at, request) "
                + "SELECT i.tenant_id, i.approval_id, i.run_id, i.session_id, i.status, i.is_applied, i.source_type, i.approval_type, i.pause_type, i.agent_id, i.team_id, "
                + "i.workflow_id, i.user_id, i.schedule_id, i.expires_at, i.created_at, i.request FROM unnest(")
            .AppendColumn(ColumnType.Integer, created, item => item.Item)
            .Append(", ").AppendColumn(ColumnType.Text, created, item => item.Tenant.Value);
        return AppendRecords(statement, [.. created.Select(item => item.Record)])
            .Append(") AS i (item, tenant_id, approval_id, run_id, session_id, status, is_applied, source_type, approval_type, pause_type, agent_id, team_id, workflow_id, user_id, ")
            .Append("schedule_id, expires_at, created_at, request) WHERE NOT ").Append(Refused).Append(" ON CONFLICT DO NOTHING)")
            .Append(", applied AS (UPDATE approvals a SET is_applied = true FROM unnest(")
            .AppendColumn(ColumnType.Integer, applied, item => item.Item)
            .Append(", ").AppendColumn(ColumnType.Text, applied, item => item.Tenant.Value)
            .Append(", ").AppendColumn(ColumnType.Text, applied, item => item.Id)
            .Append(") AS i (item, tenant_id, approval_id) WHERE a.tenant_id = i.tenant_id AND a.approval_id = i.approval_id AND NOT ").Append(Refused).Append(")");
    }

    /// <summary>Writes the statement that decides about an approval, if nobody has and the time is right. The rule is <see cref="ApprovalRecord.Resolve"/>.</summary>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="approvalId">The approval's id.</param>
    /// <param name="resolution">The decision.</param>
    /// <param name="write">The number of the write.</param>
    /// <returns>The statement.</returns>
    public static Statement ToResolve(TenantId tenant, string approvalId, ApprovalResolution resolution, Guid write) => new Statement(
            "UPDATE approvals SET status = $3, resolution = $4, resolved_in = $6 "
            + "WHERE tenant_id = $1 AND approval_id = $2 AND status = 'pending' AND coalesce(expires_at <= $5, false) = ($3 = 'expired')")
        .Add(tenant)
        .Add(ColumnType.Text, approvalId)
        .Add(ColumnType.Text, ApprovalListing.ToText(resolution.Status))
        .Add(ColumnType.Json, Values.Json(resolution, EngineJson.Context.ApprovalResolution))
        .Add(ColumnType.Long, resolution.ResolvedAt)
        .Add(ColumnType.Uuid, write);

    private static Statement AppendRecords(Statement statement, ApprovalRecord[] records) => statement
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.Id)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.RunId)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.SessionId)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => ApprovalListing.ToText(record.Status))
        .Append(", ").AppendColumn(ColumnType.Boolean, records, record => StoredApproval.Of(record).IsApplied)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.SourceType)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.ApprovalType)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.PauseType)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.AgentId)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.TeamId)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.WorkflowId)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.UserId)
        .Append(", ").AppendColumn(ColumnType.Text, records, record => record.ScheduleId)
        .Append(", ").AppendColumn(ColumnType.Long, records, record => record.ExpiresAt)
        .Append(", ").AppendColumn(ColumnType.Long, records, record => record.CreatedAt)
        .Append(", ").AppendColumn(ColumnType.Json, records, record => Values.Json(record, EngineJson.Context.ApprovalRecord));
}
