using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Starts, stops and shows runs.</summary>
internal static class RunEndpoints
{
    public static IEndpointRouteBuilder MapRuns(this IEndpointRouteBuilder app)
    {
        foreach (var kind in ComponentKind.All)
        {
            var component = app.MapGroup(kind.Route).WithMetadata(kind);
            component.MapPost("/runs", StartAsync).Describe($"create_{kind.Name}_run", kind.Tag, $"Run one of the {kind.Name}s")
                .WithForm(FormDescriptions.Run).WithHeader(FormDescriptions.IdempotencyKey);
            component.MapGet("/runs", ListAsync).Describe($"list_{kind.Name}_runs", kind.Tag, "List the runs of a session").WithQuery("session_id!", "status");
            component.MapGet("/runs/{run_id}", GetAsync).Describe($"get_{kind.Name}_run", kind.Tag, "Show a run").WithQuery("session_id!");
            component.MapPost("/runs/{run_id}/cancel", CancelAsync).Describe($"cancel_{kind.Name}_run", kind.Tag, "Stop a run").WithQuery("session_id");
        }

        return app;
    }

    private static async Task StartAsync(RunRoute route, HttpContext http, IAgentCatalog agents, IRunHost host, EventStreams streams, RunOutputs outputs)
    {
        var form = await RunForm.ReadAsync(http.Request, route);
        route.Require(agents);
        var runId = await host.StartAsync(form.Request, http.RequestAborted);
        if (form.View is { } view)
        {
            await streams.WriteAsync(http, runId, stop => host.ReadEventsAsync(runId, cancellationToken: stop), view);
        }
        else if (form.Background)
        {
            await AcceptAsync(http, host, runId, form.Request);
        }
        else
        {
            await RunOutputs.WriteAsync(http.Response, await outputs.ToAnswerAsync(await host.WaitAsync(runId, http.RequestAborted), http.RequestAborted));
        }
    }

    /// <summary>A repeated request is answered with the run of the first one, which may be of another session.</summary>
    private static async Task AcceptAsync(HttpContext http, IRunHost host, string runId, RunRequest request)
    {
        var sessionId = runId == request.RunId ? request.SessionId : (await host.FindSummaryAsync(runId, http.RequestAborted))?.SessionId ?? request.SessionId;
        var accepted = new RunAcceptedResponse(runId, sessionId, "PENDING");
        await JsonAnswer.WriteAsync(http.Response, accepted, ApiJson.Context.RunAcceptedResponse, StatusCodes.Status202Accepted);
    }

    private static async Task GetAsync(RunRoute route, HttpContext http, IAgentCatalog agents, IRunHost host, RunOutputs outputs)
    {
        var run = await route.RequireAsync(http, agents, host);
        await RunOutputs.WriteAsync(http.Response, RunOutputs.WithoutEmptyTools(await outputs.WithEventsAsync(run.Output, run.Streamed, http.RequestAborted)));
    }

    private static async Task ListAsync(RunRoute route, HttpContext http, IAgentCatalog agents, SessionRuns sessions)
    {
        route.Require(agents);
        await JsonAnswer.WriteAsync(http.Response, await sessions.ListAsync(route, http), ApiJson.WithNulls<IReadOnlyList<RunResponse>>());
    }

    private static async Task CancelAsync(RunRoute route, HttpContext http, IAgentCatalog agents, IRunHost host)
    {
        route.Require(agents);
        if (await route.ExistsAsync(http, host))
        {
            await host.CancelAsync(route.RunId, http.RequestAborted);
        }

        await JsonAnswer.WriteAsync(http.Response, EngineJson.EmptyObject, EngineJson.Context.JsonElement);
    }
}
