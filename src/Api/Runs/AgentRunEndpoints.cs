using Cluster.Api.Agents;
using Cluster.Api.Docs;
using Cluster.Api.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Starts, stops and shows runs of agents.</summary>
internal static class AgentRunEndpoints
{
    private const string Runs = "/agents/{agent_id}/runs";

    public static IEndpointRouteBuilder MapAgentRuns(this IEndpointRouteBuilder app)
    {
        app.MapPost(Runs, StartAsync).Describe("create_agent_run", "Agents", "Run an agent")
            .WithForm(FormDescriptions.Run).WithHeader(FormDescriptions.IdempotencyKey);
        app.MapGet(Runs, ListAsync).Describe("list_agent_runs", "Agents", "List the runs of a session").WithQuery("session_id!", "status");
        app.MapGet(Runs + "/{run_id}", GetAsync).Describe("get_agent_run", "Agents", "Show a run").WithQuery("session_id!");
        app.MapPost(Runs + "/{run_id}/cancel", CancelAsync).Describe("cancel_agent_run", "Agents", "Stop a run").WithQuery("session_id");
        return app;
    }

    private static async Task StartAsync(
        [FromRoute(Name = "agent_id")] string agentId, HttpContext http, IAgentCatalog agents, IRunHost host, EventStreams streams)
    {
        var form = await RunForm.ReadAsync(http.Request, agentId);
        agents.Require(agentId);
        var runId = await host.StartAsync(form.Request, http.RequestAborted);
        if (form.View is { } view)
        {
            await streams.WriteAsync(http, stop => host.ReadEventsAsync(runId, cancellationToken: stop), view);
        }
        else if (form.Background)
        {
            await AcceptAsync(http, host, runId, form.Request);
        }
        else
        {
            await JsonAnswer.WriteAsync(http.Response, await host.WaitAsync(runId, http.RequestAborted), EngineJson.Context.RunOutput);
        }
    }

    /// <summary>A repeated request is answered with the run of the first one, which may be of another session.</summary>
    private static async Task AcceptAsync(HttpContext http, IRunHost host, string runId, RunRequest request)
    {
        var sessionId = runId == request.RunId ? request.SessionId : (await host.FindAsync(runId, http.RequestAborted))?.Output.SessionId ?? request.SessionId;
        var accepted = new RunAcceptedResponse(runId, sessionId, "PENDING");
        await JsonAnswer.WriteAsync(http.Response, accepted, ApiJson.Context.RunAcceptedResponse, StatusCodes.Status202Accepted);
    }

    private static async Task GetAsync([AsParameters] RunRoute route, HttpContext http, IAgentCatalog agents, IRunHost host, StoredEvents events)
    {
        var run = await route.RequireAsync(http, agents, host);
        var stored = await events.ReadForRecordAsync(route.RunId, run.Streamed, http.RequestAborted);
        var output = run.Output with
        {
            Events = stored,
            Tools = run.Output.Tools is { IsEmpty: false } tools ? tools : null,
        };
        await JsonAnswer.WriteAsync(http.Response, output, EngineJson.Context.RunOutput);
    }

    private static async Task ListAsync(
        [FromRoute(Name = "agent_id")] string agentId, HttpContext http, IAgentCatalog agents, SessionRuns sessions) =>
        await JsonAnswer.WriteAsync(http.Response, await sessions.ListAsync(agents.Require(agentId), http), ApiJson.WithNulls<IReadOnlyList<RunResponse>>());

    private static async Task CancelAsync([AsParameters] RunRoute route, HttpContext http, IAgentCatalog agents, IRunHost host)
    {
        agents.Require(route.AgentId);
        if (await route.FindAsync(http, host) is not null)
        {
            await host.CancelAsync(route.RunId, http.RequestAborted);
        }

        await JsonAnswer.WriteAsync(http.Response, EngineJson.EmptyObject, EngineJson.Context.JsonElement);
    }
}
