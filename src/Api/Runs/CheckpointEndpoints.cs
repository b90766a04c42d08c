using System.Collections.Immutable;
using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Api.Validation;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Shows from where runs can be gone on with.</summary>
internal static class CheckpointEndpoints
{
    public static IEndpointRouteBuilder MapCheckpoints(this IEndpointRouteBuilder app)
    {
        var checkpoints = app.MapGroup("/agents/{agent_id}/runs/{run_id}/checkpoints");
        checkpoints.MapGet(string.Empty, ListAsync).Describe("list_agent_run_checkpoints", "Agents", "List the checkpoints of a run").WithQuery("session_id!");
        checkpoints.MapGet("/{message_index}", GetAsync).Describe("get_agent_run_checkpoint_snapshot", "Agents", "Show a run as it was at a message").WithQuery("session_id!");
        return app;
    }

    private static async Task ListAsync([AsParameters] RunRoute route, HttpContext http, IAgentCatalog agents, IRunHost host)
    {
        var run = (await route.RequireAsync(http, agents, host)).Output;
        await JsonAnswer.WriteAsync(http.Response, new CheckpointsResponse(run.RunId, run.SessionId, Checkpoints.Of(run)), ApiJson.Context.CheckpointsResponse);
    }

    private static async Task GetAsync(
        [AsParameters] RunRoute route, [FromRoute(Name = "message_index")] string messageIndex, HttpContext http, IAgentCatalog agents, IRunHost host, StoredEvents events)
    {
        var path = new TextFields("path", _ => messageIndex);
        var index = path.Number("message_index") ?? 0;
        path.ThrowIfInvalid();
        var run = await route.RequireAsync(http, agents, host);
        var taken = Checkpoints.Take(run.Output, index);
        taken = taken with { Snapshot = taken.Snapshot with { Events = await events.ReadForRecordAsync(route.RunId, run.Streamed, http.RequestAborted) } };
        await JsonAnswer.WriteAsync(http.Response, taken, EngineJson.Context.CheckpointSnapshot);
    }
}

/// <summary>The checkpoints of a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="Checkpoints">The checkpoints, the earliest first.</param>
internal sealed record CheckpointsResponse(string RunId, string? SessionId, ImmutableArray<Checkpoint> Checkpoints);
