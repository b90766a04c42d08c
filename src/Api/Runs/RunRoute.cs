using Cluster.Api.Agents;
using Cluster.Api.Errors;
using Cluster.Api.Validation;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>The address of a run.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="RunId">The run.</param>
/// <param name="Session">The session, as it was sent.</param>
internal sealed record RunRoute(
    [property: FromRoute(Name = "agent_id")] string AgentId,
    [property: FromRoute(Name = "run_id")] string RunId,
    [property: FromQuery(Name = "session_id")] string? Session)
{
    /// <summary>Gets the session; null when none was named.</summary>
    public string? SessionId => string.IsNullOrEmpty(Session) ? null : Session;

    /// <summary>Looks up the run, whose session has to be named.</summary>
    public async Task<RunSnapshot> RequireAsync(HttpContext http, IAgentCatalog agents, IRunHost host)
    {
        var fields = TextFields.Of(http.Request.Query);
        var sessionId = fields.RequiredText("session_id");
        fields.ThrowIfInvalid();
        agents.Require(AgentId);
        return await new RunLookup(AgentId, RunId, sessionId).FindAsync(host, http.RequestAborted) ?? throw ApiException.NotFound("Run not found");
    }
}
