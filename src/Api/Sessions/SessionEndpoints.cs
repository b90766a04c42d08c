using Cluster.Api.Docs;
using Cluster.Api.Errors;
using Cluster.Api.Json;
using Cluster.Api.Validation;
using Cluster.Engine.Errors;
using Cluster.Engine.Limits;
using Cluster.Engine.Messages;
using Cluster.Engine.Sessions;

namespace Cluster.Api.Sessions;

/// <summary>Lists, creates, shows, changes and deletes sessions.</summary>
internal static class SessionEndpoints
{
    private const string Session = "/sessions/{session_id}";

    public static IEndpointRouteBuilder MapSessions(this IEndpointRouteBuilder app)
    {
        app.MapGet("/sessions", ListAsync).Describe("get_sessions", "Sessions", "List sessions")
            .WithQuery("type", "component_id", "user_id", "session_name", "limit", "page", "sort_by", "sort_order", "db_id", "table");
        app.MapPost("/sessions", CreateAsync).Describe("create_session", "Sessions", "Create a session").WithQuery("type", "db_id").WithJson(FormDescriptions.CreateSession);
        app.MapDelete("/sessions", DeleteManyAsync).Describe("delete_sessions", "Sessions", "Delete sessions with their runs")
            .WithQuery("user_id", "db_id", "table").WithJson(FormDescriptions.DeleteSessions);
        app.MapGet(Session, GetAsync).Describe("get_session_by_id", "Sessions", "Show a session").WithQuery("type", "user_id", "db_id", "table");
        app.MapDelete(Session, DeleteAsync).Describe("delete_session", "Sessions", "Delete a session with its runs").WithQuery("user_id", "db_id", "table");
        app.MapPatch(Session, UpdateAsync).Describe("update_session", "Sessions", "Change a session")
            .WithQuery("type", "user_id", "db_id", "table").WithJson(FormDescriptions.UpdateSession);
        app.MapPost(Session + "/rename", RenameAsync).Describe("rename_session", "Sessions", "Give a session a name")
            .WithQuery("type", "user_id", "db_id", "table").WithJson(FormDescriptions.RenameSession);
        return app;
    }

    private static async Task ListAsync(HttpContext http, SessionList list) =>
        await JsonAnswer.WriteAsync(http.Response, await list.ReadAsync(http.Request.Query, http.RequestAborted), ApiJson.Context.PageSessionResponse);

    private static async Task CreateAsync(HttpContext http, ISessionStore sessions, SessionDetails details, SessionScopes scopes, TimeProvider timeProvider)
    {
        var type = scopes.Read(http.Request.Query).Type ?? SessionType.Agent;
        var body = await JsonFields.ReadAsync(http.Request, isRequired: false);
        var session = ToSession(body, type, timeProvider.GetUtcNow().ToUnixTimeSeconds());
        body.ThrowIfInvalid();
        http.Request.Limits().Demand(session);
        if (!await sessions.CreateAsync(session, http.RequestAborted))
        {
            throw ApiException.Conflict($"Session with id '{session.SessionId}' already exists. Use PATCH /sessions/{session.SessionId} to update it.");
        }

        await details.WriteAsync(http, session, type, withNulls: false, StatusCodes.Status201Created);
    }

    private static SessionRecord ToSession(JsonFields body, SessionType type, long now)
    {
        var name = body.Text("session_name");
        var state = body.Object("session_state");
        var components = (Agent: body.Id("agent_id", ClientId.Other), Team: body.Id("team_id", ClientId.Other), Workflow: body.Id("workflow_id", ClientId.Other));
        return new SessionRecord
        {
            SessionId = body.Id("session_id", ClientId.Session) is { Length: > 0 } id ? id : Guid.CreateVersion7().ToString(),
            SessionType = type,
            ComponentId = type switch { SessionType.Team => components.Team, SessionType.Workflow => components.Workflow, _ => components.Agent },
            UserId = body.Id("user_id", ClientId.Other),
            SessionName = name,
            SessionState = state,
            Metadata = body.Object("metadata"),
            Metrics = name is null && state is null ? null : RunMetrics.None,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    private static async Task GetAsync([FromRoute(Name = "session_id")] string sessionId, HttpContext http, SessionDetails details, SessionScopes scopes)
    {
        var scope = scopes.Read(http.Request.Query);
        var session = await details.FindAsync(sessionId, scope, http.RequestAborted)
            ?? throw ApiException.NotFound($"{(scope.Type is { } type ? $"{type} " : string.Empty)}Session with id '{sessionId}' not found");
        await details.WriteAsync(http, session, scope.Type ?? session.SessionType, withNulls: false);
    }

    private static async Task UpdateAsync(
        [FromRoute(Name = "session_id")] string sessionId, HttpContext http, SessionDetails details, SessionScopes scopes, TimeProvider timeProvider)
    {
        var scope = scopes.Read(http.Request.Query);
        var body = await JsonFields.ReadAsync(http.Request, isRequired: true);
        var patch = new SessionPatch
        {
            SessionName = body.Text("session_name"),
            SessionState = body.Object("session_state"),
            Metadata = body.Object("metadata"),
            UpdatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds(),
        };
        if (body.Object("summary") is { } summary)
        {
            body.Refuse("extra_forbidden", "summary", "Session summaries are not kept by this server; leave the summary out", summary);
        }

        body.ThrowIfInvalid();
        http.Request.Limits().Demand(patch);
        var session = await details.UpdateAsync(sessionId, scope, patch, http.RequestAborted);
        await details.WriteAsync(http, session, scope.Type ?? session.SessionType, withNulls: true);
    }

    private static async Task RenameAsync(
        [FromRoute(Name = "session_id")] string sessionId, HttpContext http, SessionDetails details, SessionScopes scopes, TimeProvider timeProvider)
    {
        var scope = scopes.Read(http.Request.Query);
        var body = await JsonFields.ReadAsync(http.Request, isRequired: true);
        var patch = new SessionPatch { SessionName = body.RequiredText("session_name"), UpdatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds() };
        body.ThrowIfInvalid();
        http.Request.Limits().Demand(patch);
        var session = await details.UpdateAsync(sessionId, scope, patch, http.RequestAborted);
        await details.WriteAsync(http, session, scope.Type ?? session.SessionType, withNulls: true);
    }

    private static async Task DeleteAsync([FromRoute(Name = "session_id")] string sessionId, HttpContext http, ISessionStore sessions, SessionScopes scopes)
    {
        await sessions.DeleteAsync([sessionId], scopes.Read(http.Request.Query).UserId, http.RequestAborted);
        AnswerNothing(http.Response);
    }

    private static async Task DeleteManyAsync(HttpContext http, ISessionStore sessions, SessionScopes scopes)
    {
        var scope = scopes.Read(http.Request.Query);
        var body = await JsonFields.ReadAsync(http.Request, isRequired: true);
        var ids = body.RequiredTexts("session_ids");
        var types = body.RequiredTexts("session_types", "agent", "team", "workflow");
        body.ThrowIfInvalid();
        if (ids.Count > FieldLimits.Entries)
        {
            throw new TooLargeException("session_ids", ids.Count, FieldLimits.Entries, unit: "entries");
        }

        if (ids.Count != types.Count)
        {
            throw ApiException.BadRequest("Session IDs and session types must have the same length");
        }

        await sessions.DeleteAsync([.. ids], scope.UserId, http.RequestAborted);
        AnswerNothing(http.Response);
    }

    private static void AnswerNothing(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status204NoContent;
        response.ContentType = JsonAnswer.ContentType;
    }
}
