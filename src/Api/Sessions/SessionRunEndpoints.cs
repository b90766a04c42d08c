using Cluster.Api.Docs;
using Cluster.Api.Errors;
using Cluster.Api.Json;
using Cluster.Api.Runs;
using Cluster.Api.Validation;
using Cluster.Engine.Runs;

namespace Cluster.Api.Sessions;

/// <summary>Shows the runs of a session.</summary>
internal static class SessionRunEndpoints
{
    public static IEndpointRouteBuilder MapSessionRuns(this IEndpointRouteBuilder app)
    {
        var runs = app.MapGroup("/sessions/{session_id}/runs");
        runs.MapGet(string.Empty, ListAsync).Describe("get_session_runs", "Sessions", "List the runs of a session")
            .WithQuery("type", "user_id", "created_after", "created_before", "db_id", "table");
        runs.MapGet("/{run_id}", GetAsync).Describe("get_session_run", "Sessions", "Show a run of a session").WithQuery("type", "user_id", "db_id", "table");
        return app;
    }

    private static async Task ListAsync(
        [FromRoute(Name = "session_id")] string sessionId, HttpContext http, SessionDetails sessions, SessionScopes scopes, StoredRuns runs)
    {
        var fields = TextFields.Of(http.Request.Query);
        var after = fields.Number("created_after");
        var before = fields.Number("created_before");
        fields.ThrowIfInvalid();
        await RequireAsync(sessionId, http, sessions, scopes);
        var found = await runs.ListAsync(
            new RunQuery(sessionId), run => (after is null || run.CreatedAt >= after) && (before is null || run.CreatedAt <= before), http.RequestAborted);
        await JsonAnswer.WriteAsync(http.Response, found, ApiJson.Context.IReadOnlyListRunResponse);
    }

    private static async Task GetAsync(
        [FromRoute(Name = "session_id")] string sessionId,
        [FromRoute(Name = "run_id")] string runId,
        HttpContext http,
        SessionDetails sessions,
        SessionScopes scopes,
        StoredRuns runs)
    {
        await RequireAsync(sessionId, http, sessions, scopes);
        var run = await runs.FindAsync(sessionId, runId, http.RequestAborted) ?? throw ApiException.NotFound(
            await runs.AnyAsync(sessionId, http.RequestAborted) ? $"Run with ID {runId} not found in session {sessionId}" : $"Session with ID {sessionId} has no runs");
        await JsonAnswer.WriteAsync(http.Response, run, ApiJson.WithNulls<RunResponse>());
    }

    private static async Task RequireAsync(string sessionId, HttpContext http, SessionDetails sessions, SessionScopes scopes)
    {
        if (await sessions.FindAsync(sessionId, scopes.Read(http.Request.Query), http.RequestAborted) is null)
        {
            throw ApiException.NotFound($"Session with ID {sessionId} not found");
        }
    }
}
