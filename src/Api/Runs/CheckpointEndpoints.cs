using System.Collections.Immutable;
using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Api.Teams;
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
        foreach (var kind in ComponentKind.All)
        {
            var checkpoints = app.MapGroup($"{kind.Route}/runs/{{run_id}}").WithMetadata(kind);
            checkpoints.MapGet("/checkpoints", ListAsync).Describe($"list_{kind.Name}_run_checkpoints", kind.Tag, "List the checkpoints of a run").WithQuery("session_id!");
            checkpoints.MapGet("/checkpoints/{message_index}", GetAsync)
                .Describe($"get_{kind.Name}_run_checkpoint_snapshot", kind.Tag, "Show a run as it was at a message").WithQuery("session_id!");
        }

        return app;
    }

    private static async Task ListAsync(RunRoute route, HttpContext http, IAgentCatalog agents, IRunHost host)
    {
        var run = (await route.RequireAsync(http, agents, host)).Output;
        await JsonAnswer.WriteAsync(http.Response, new CheckpointsResponse(run.RunId, run.SessionId, Checkpoints.Of(run)), ApiJson.Context.CheckpointsResponse);
    }

    private static async Task GetAsync(
        RunRoute route, [FromRoute(Name = "message_index")] string messageIndex, HttpContext http, IAgentCatalog agents, IRunHost host, RunOutputs outputs)
    {
        var path = new TextFields("path", _ => messageIndex);
        var index = path.Number("message_index") ?? 0;
        path.ThrowIfInvalid();
        var run = await route.RequireAsync(http, agents, host);
        var taken = Checkpoints.Take(run.Output, index);
        taken = taken with { Snapshot = await outputs.WithEventsAsync(taken.Snapshot, run.Streamed, http.RequestAborted) };
        await (taken.Snapshot.TeamId is null
            ? JsonAnswer.WriteAsync(http.Response, taken, EngineJson.Context.CheckpointSnapshot)
            : JsonAnswer.WriteAsync(http.Response, new TeamCheckpointResponse(taken.Checkpoint, TeamRunOutput.Of(taken.Snapshot)), ApiJson.Context.TeamCheckpointResponse));
    }
}

/// <summary>The checkpoints of a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="Checkpoints">The checkpoints, the earliest first.</param>
internal sealed record CheckpointsResponse(string RunId, string? SessionId, ImmutableArray<Checkpoint> Checkpoints);

/// <summary>A team's run as it was at a checkpoint.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Snapshot">The run.</param>
internal sealed record TeamCheckpointResponse(Checkpoint Checkpoint, TeamRunOutput Snapshot);
