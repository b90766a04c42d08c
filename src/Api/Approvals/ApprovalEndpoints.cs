using System.Text.Json;
using Cluster.Api.Docs;
using Cluster.Api.Errors;
using Cluster.Api.Json;
using Cluster.Api.Validation;
using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Limits;

namespace Cluster.Api.Approvals;

/// <summary>Lists and shows approvals, and takes decisions about them.</summary>
internal static class ApprovalEndpoints
{
    private const string Approval = "/approvals/{approval_id}";
    private const int DefaultLimit = 100;

    private static readonly string[] Filters =
        ["status", "source_type", "approval_type", "pause_type", "agent_id", "team_id", "workflow_id", "user_id", "schedule_id", "run_id"];

    public static IEndpointRouteBuilder MapApprovals(this IEndpointRouteBuilder app)
    {
        app.MapGet("/approvals", ListAsync).Describe("list_approvals", "Approvals", "List approvals").WithQuery([.. Filters, "limit", "page"]);
        app.MapGet("/approvals/count", CountAsync).Describe("get_approval_count", "Approvals", "Count the approvals that wait for a decision").WithQuery("user_id");
        app.MapGet(Approval, GetAsync).Describe("get_approval", "Approvals", "Show an approval");
        app.MapGet(Approval + "/status", GetStatusAsync).Describe("get_approval_status", "Approvals", "Show how far an approval is");
        app.MapPost(Approval + "/resolve", ResolveAsync).Describe("resolve_approval", "Approvals", "Decide about an approval; its run goes on").WithJson(FormDescriptions.ResolveApproval);
        app.MapDelete(Approval, DeleteAsync).Describe("delete_approval", "Approvals", "Delete an approval");
        return app;
    }

    private static async Task ListAsync(HttpContext http, IApprovalReader approvals)
    {
        var fields = TextFields.Of(http.Request.Query);
        var limit = fields.Number("limit", least: 1, most: FieldLimits.Entries) ?? DefaultLimit;
        var page = fields.Number("page", least: 1) ?? 1;
        var filter = ToQuery(fields);
        fields.ThrowIfInvalid();
        var query = filter with { Limit = limit, Offset = (int)Math.Min(int.MaxValue, (page - 1L) * limit) };
        var found = await approvals.ListAsync(query, http.RequestAborted);
        var entries = found.Approvals.Select(approval => JsonSerializer.SerializeToElement(approval, EngineJson.Context.ApprovalRecord));
        await JsonAnswer.WriteAsync(http.Response, new Page<JsonElement>([.. entries], PageMeta.Of(page, limit, found.TotalCount)), ApiJson.Context.PageJsonElement);
    }

    private static async Task CountAsync(HttpContext http, IApprovalReader approvals)
    {
        var query = new ApprovalQuery
        {
            Status = ApprovalListing.ToText(ApprovalStatus.Pending),
            UserId = TextFields.Of(http.Request.Query).Filter("user_id"),
            Limit = 0,
        };
        var found = await approvals.ListAsync(query, http.RequestAborted);
        await JsonAnswer.WriteAsync(http.Response, new ApprovalCountResponse(found.TotalCount), ApiJson.Context.ApprovalCountResponse);
    }

    private static async Task GetAsync([FromRoute(Name = "approval_id")] string approvalId, HttpContext http, IApprovalReader approvals) =>
        await JsonAnswer.WriteAsync(http.Response, await RequireAsync(approvals, approvalId, http), EngineJson.Context.ApprovalRecord);

    private static async Task GetStatusAsync([FromRoute(Name = "approval_id")] string approvalId, HttpContext http, IApprovalReader approvals)
    {
        var status = ApprovalStatusResponse.Of(await RequireAsync(approvals, approvalId, http));
        await JsonAnswer.WriteAsync(http.Response, status, ApiJson.Context.ApprovalStatusResponse);
    }

    private static async Task ResolveAsync([FromRoute(Name = "approval_id")] string approvalId, HttpContext http, ApprovalDesk desk)
    {
        var body = await JsonFields.ReadAsync(http.Request, isRequired: true);
        var isApproved = body.RequiredChoice("status", "approved", "rejected") == "approved";
        var by = body.Text("resolved_by", maxLength: 255);
        var data = body.Object("resolution_data");
        body.ThrowIfInvalid();
        await JsonAnswer.WriteAsync(http.Response, await desk.ResolveAsync(approvalId, isApproved, by, data, http.RequestAborted), EngineJson.Context.ApprovalRecord);
    }

    private static async Task DeleteAsync([FromRoute(Name = "approval_id")] string approvalId, HttpContext http, IApprovalDecisions approvals)
    {
        if (!await approvals.DeleteAsync(approvalId, http.RequestAborted))
        {
            throw NotFound();
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
        http.Response.ContentType = JsonAnswer.ContentType;
    }

    private static async Task<ApprovalRecord> RequireAsync(IApprovalReader approvals, string approvalId, HttpContext http) =>
        await approvals.FindAsync(approvalId, http.RequestAborted) ?? throw NotFound();

    private static ApiException NotFound() => ApiException.NotFound("Approval not found");

    /// <summary>Where AgentOS knows what there is, another value is an error; everywhere else nothing matches it.</summary>
    private static ApprovalQuery ToQuery(TextFields fields) => new()
    {
        Status = fields.Filter("status", "pending", "approved", "rejected", "expired", "cancelled"),
        SourceType = fields.Filter("source_type"),
        ApprovalType = fields.Filter("approval_type", "required", "audit"),
        PauseType = fields.Filter("pause_type"),
        AgentId = fields.Filter("agent_id"),
        TeamId = fields.Filter("team_id"),
        WorkflowId = fields.Filter("workflow_id"),
        UserId = fields.Filter("user_id"),
        ScheduleId = fields.Filter("schedule_id"),
        RunId = fields.Filter("run_id"),
    };
}
