using Cluster.Api.Errors;
using Cluster.Api.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Api.Sessions;

/// <summary>Shows one session in the shape of its kind.</summary>
/// <param name="sessions">The sessions.</param>
/// <param name="runs">Their runs, for the conversation.</param>
/// <param name="host">Knows more about runs that are at work.</param>
internal sealed class SessionDetails(ISessionStore sessions, IRunRecords runs, IRunHost host)
{
    /// <summary>Looks a session up.</summary>
    /// <returns>The session; null when there is none for the user.</returns>
    public async Task<SessionRecord?> FindAsync(string sessionId, SessionScope scope, CancellationToken cancellationToken) =>
        await sessions.FindAsync(sessionId, cancellationToken) is { } session && scope.Fits(session) ? session : null;

    /// <summary>Changes a session.</summary>
    /// <returns>The session as it is now.</returns>
    /// <exception cref="ApiException">There is none for the user.</exception>
    public async Task<SessionRecord> UpdateAsync(string sessionId, SessionScope scope, SessionPatch patch, CancellationToken cancellationToken) =>
        await FindAsync(sessionId, scope, cancellationToken) is not null && await sessions.UpdateAsync(sessionId, patch, cancellationToken) is { } session
            ? session
            : throw ApiException.NotFound($"Session with id '{sessionId}' not found");

    public async Task WriteAsync(HttpContext http, SessionRecord session, SessionType shape, bool withNulls, int statusCode = StatusCodes.Status200OK)
    {
        var response = http.Response;
        switch (shape)
        {
            case SessionType.Team:
                var team = TeamSessionResponse.Of(session, await ReadHistoryAsync(session, http.RequestAborted));
                await JsonAnswer.WriteAsync(response, team, withNulls ? ApiJson.WithNulls<TeamSessionResponse>() : ApiJson.Context.TeamSessionResponse, statusCode);
                break;
            case SessionType.Workflow:
                var workflow = WorkflowSessionResponse.Of(session);
                await JsonAnswer.WriteAsync(
                    response, workflow, withNulls ? ApiJson.WithNulls<WorkflowSessionResponse>() : ApiJson.Context.WorkflowSessionResponse, statusCode);
                break;
            default:
                var agent = AgentSessionResponse.Of(session, await ReadHistoryAsync(session, http.RequestAborted));
                await JsonAnswer.WriteAsync(response, agent, withNulls ? ApiJson.WithNulls<AgentSessionResponse>() : ApiJson.Context.AgentSessionResponse, statusCode);
                break;
        }
    }

    /// <summary>
    /// The conversation is what people and models said in every run, however it ended, and also in those that wait, work, or were answered anew; instructions and
    /// tool results are left out.
    /// </summary>
    private async Task<IReadOnlyList<Message>> ReadHistoryAsync(SessionRecord session, CancellationToken cancellationToken)
    {
        var records = await runs.ListAsync(new RunQuery(session.SessionId) { TopLevelOnly = true }, cancellationToken);
        var outputs = await Task.WhenAll(records.Select(record => record.Output.Status is RunStatus.Pending or RunStatus.Running
            ? NowAsync(record.Output, cancellationToken)
            : Task.FromResult(record.Output)));
        return
        [
            .. outputs.SelectMany(output => output.Messages ?? [])
                .Where(message => !message.FromHistory && message.Role is MessageRole.User or MessageRole.Assistant)
                .DistinctBy(message => message.Id),
        ];
    }

    private async Task<RunOutput> NowAsync(RunOutput recorded, CancellationToken cancellationToken) =>
        (await host.FindAsync(recorded.RunId, cancellationToken))?.Output ?? recorded;
}
