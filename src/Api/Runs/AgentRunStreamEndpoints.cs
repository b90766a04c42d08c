using Cluster.Api.Agents;
using Cluster.Api.Docs;
using Cluster.Api.Validation;
using Cluster.Engine.Agents;

namespace Cluster.Api.Runs;

/// <summary>Goes on with runs: paused ones with a human's answers, streams after the last event that was seen.</summary>
internal static class AgentRunStreamEndpoints
{
    public static IEndpointRouteBuilder MapAgentRunStreams(this IEndpointRouteBuilder app)
    {
        var run = app.MapGroup("/agents/{agent_id}/runs/{run_id}");
        run.MapPost("/continue", ContinueAsync).Describe("continue_agent_run", "Agents", "Go on with a paused run").WithForm(FormDescriptions.Continue);
        run.MapPost("/resume", ResumeAsync).Describe("resume_agent_run_stream", "Agents", "Resume a run's stream")
            .WithForm(FormDescriptions.Resume).WithHeader(FormDescriptions.LastEventId);
        return app;
    }

    private static async Task ContinueAsync([AsParameters] RunRoute route, HttpContext http, IAgentCatalog agents, RunContinuations continuations)
    {
        var form = await ContinueForm.ReadAsync(http.Request, route.RunId);
        agents.Require(route.AgentId);
        await (form.View is { } view ? continuations.StreamAsync(http, route.AgentId, form, view) : continuations.AnswerAsync(http, route.AgentId, form));
    }

    private static async Task ResumeAsync([AsParameters] RunRoute route, HttpContext http, IAgentCatalog agents, ResumedStreams streams)
    {
        var fields = TextFields.Of(await FormBody.ReadAsync(http.Request));
        var headers = new TextFields("header", name => http.Request.Headers.TryGetValue(name, out var values) ? values[^1] : null);
        var after = fields.Number("last_event_index") ?? headers.Number("Last-Event-ID") ?? -1;
        fields.ThrowIfInvalid();
        headers.ThrowIfInvalid();
        agents.Require(route.AgentId);
        await streams.WriteAsync(http, new RunLookup(route.AgentId, route.RunId, fields.Text("session_id")), Math.Max(-1, after));
    }
}
