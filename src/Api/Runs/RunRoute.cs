using Cluster.Api.Errors;
using Cluster.Api.Validation;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>What a route says: the component and, where it goes that far, the run.</summary>
/// <param name="Kind">The kind of component.</param>
/// <param name="ComponentId">The component.</param>
/// <param name="RunId">The run; empty on routes that name none.</param>
internal sealed record RunRoute(ComponentKind Kind, string ComponentId, string RunId)
{
    /// <summary>Reads a route whose endpoint knows its kind.</summary>
    public static ValueTask<RunRoute?> BindAsync(HttpContext http)
    {
        var kind = http.GetEndpoint()!.Metadata.GetRequiredMetadata<ComponentKind>();
        return ValueTask.FromResult<RunRoute?>(new RunRoute(kind, http.GetRouteValue(kind.IdName) as string ?? string.Empty, http.GetRouteValue("run_id") as string ?? string.Empty));
    }

    /// <summary>Looks the component up.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public Agent Require(IAgentCatalog agents) => Kind.Require(agents, ComponentId);

    /// <summary>Looks up the run in the session that the query may name.</summary>
    /// <returns>The run; null when there is none.</returns>
    public Task<RunSnapshot?> FindAsync(HttpContext http, IRunHost host) =>
        new RunLookup(this, TextFields.Of(http.Request.Query).Text("session_id")).FindAsync(host, http.RequestAborted);

    /// <summary>Tells whether the run is there, in the session that the query may name.</summary>
    public async Task<bool> ExistsAsync(HttpContext http, IRunHost host) =>
        await new RunLookup(this, TextFields.Of(http.Request.Query).Text("session_id")).FindSummaryAsync(host, http.RequestAborted) is not null;

    /// <summary>Looks up the run, whose session has to be named.</summary>
    public async Task<RunSnapshot> RequireAsync(HttpContext http, IAgentCatalog agents, IRunHost host)
    {
        var fields = TextFields.Of(http.Request.Query);
        fields.RequiredText("session_id");
        fields.ThrowIfInvalid();
        Require(agents);
        return await FindAsync(http, host) ?? throw ApiException.NotFound("Run not found");
    }
}
