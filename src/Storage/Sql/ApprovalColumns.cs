using System.Data.Common;
using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Storage.Sql;

/// <summary>Approvals as rows.</summary>
internal static class ApprovalColumns
{
    /// <summary>What a query of approvals begins with; its columns are those that <see cref="Read"/> expects.</summary>
    public const string Select = "SELECT a.request, a.resolution, r.status FROM approvals a LEFT JOIN runs r ON r.tenant_id = a.tenant_id AND r.run_id = a.run_id";

    /// <summary>Reads a row.</summary>
    /// <param name="row">The row, with the columns of <see cref="Select"/>.</param>
    /// <returns>The approval.</returns>
    public static ApprovalRecord Read(DbDataReader row)
    {
        var request = row.GetJson(0, EngineJson.Context.ApprovalRecord)!;
        var approval = row.GetJson(1, EngineJson.Context.ApprovalResolution) is { } resolution ? request.With(resolution) : request;
        return approval with { RunStatus = row.GetText(2) is { } status ? Enum.Parse<RunStatus>(status, ignoreCase: true) : null };
    }
}
