using Cluster.Api.Docs;
using Cluster.Api.Validation;
using Cluster.Engine.Agents;

namespace Cluster.Api.Runs;

/// <summary>Goes on with runs: paused ones with a human's answers, streams after the last event that was seen.</summary>
internal static class RunStreamEndpoints
{
    public static IEndpointRouteBuilder MapRunStreams(this IEndpointRouteBuilder app)
    {
        foreach (var kind in ComponentKind.All)
        {
            var run = app.MapGroup($"{kind.Route}/runs/{{run_id}}").WithMetadata(kind);
            run.MapPost("/continue", ContinueAsync).Describe($"continue_{kind.Name}_run", kind.Tag, "Go on with a paused run").WithForm(FormDescriptions.Continue);
            run.MapPost("/resume", ResumeAsync).Describe($"resume_{kind.Name}_run_stream", kind.Tag, "Resume a run's stream")
                .WithForm(FormDescriptions.Resume).WithHeader(FormDescriptions.LastEventId);
        }

        return app;
    }

    private static async Task ContinueAsync(RunRoute route, HttpContext http, IAgentCatalog agents, RunContinuations continuations)
    {
        var form = await ContinueForm.ReadAsync(http.Request, route.RunId);
        route.Require(agents);
        await (form.View is { } view ? continuations.StreamAsync(http, route, form, view) : continuations.AnswerAsync(http, route, form));
    }

    private static async Task ResumeAsync(RunRoute route, HttpContext http, IAgentCatalog agents, ResumedStreams streams)
    {
        var fields = TextFields.Of(await FormBody.ReadAsync(http.Request));
        var headers = new TextFields("header", name => http.Request.Headers.TryGetValue(name, out var values) ? values[^1] : null);
        var after = fields.Number("last_event_index") ?? headers.Number("Last-Event-ID") ?? -1;
        fields.ThrowIfInvalid();
        headers.ThrowIfInvalid();
        route.Require(agents);
        await streams.WriteAsync(http, new RunLookup(route, fields.Text("session_id")), Math.Max(-1, after));
    }
}
