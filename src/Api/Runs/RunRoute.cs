using Cluster.Api.Agents;
using Cluster.Api.Errors;
using Cluster.Api.Validation;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>The address of a run.</summary>
/// <param name="AgentId">The agent.</param>
/// <param name="RunId">The run.</param>
internal sealed record RunRoute([property: FromRoute(Name = "agent_id")] string AgentId, [property: FromRoute(Name = "run_id")] string RunId)
{
    /// <summary>Looks up the run in the session that the query may name.</summary>
    /// <returns>The run; null when there is none.</returns>
    public Task<RunSnapshot?> FindAsync(HttpContext http, IRunHost host) =>
        new RunLookup(AgentId, RunId, TextFields.Of(http.Request.Query).Text("session_id")).FindAsync(host, http.RequestAborted);

    /// <summary>Looks up the run, whose session has to be named.</summary>
    public async Task<RunSnapshot> RequireAsync(HttpContext http, IAgentCatalog agents, IRunHost host)
    {
        var fields = TextFields.Of(http.Request.Query);
        fields.RequiredText("session_id");
        fields.ThrowIfInvalid();
        agents.Require(AgentId);
        return await FindAsync(http, host) ?? throw ApiException.NotFound("Run not found");
    }
}
