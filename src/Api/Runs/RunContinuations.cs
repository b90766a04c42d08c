using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Hands the wish that a run goes on to the engine and shows how it does.</summary>
/// <param name="host">The runs.</param>
/// <param name="streams">Streams events.</param>
/// <param name="outputs">Shows runs.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class RunContinuations(IRunHost host, EventStreams streams, RunOutputs outputs, TimeProvider timeProvider)
{
    public async Task AnswerAsync(HttpContext http, RunRoute route, ContinueForm form)
    {
        var run = await RequireAsync(route, form, http.RequestAborted);
        var continued = await host.ContinueAsync(form.Continuation, http.RequestAborted);
        var output = await host.WaitAsync(continued.RunId, http.RequestAborted);
        await RunOutputs.WriteAsync(http.Response, continued.RunId == route.RunId
            ? await outputs.WithEventsAsync(output, run.Streamed, http.RequestAborted)
            : await outputs.ToAnswerAsync(output, http.RequestAborted));
    }

    /// <summary>Streams how the run goes on. A refusal is an event of the stream, as clients of streams expect it.</summary>
    public async Task StreamAsync(HttpContext http, RunRoute route, ContinueForm form, EventView view)
    {
        ContinuedRun continued;
        try
        {
            await RequireAsync(route, form, http.RequestAborted);
            continued = await host.ContinueAsync(form.Continuation, http.RequestAborted);
        }
        catch (EngineException error) when (error is not (UnavailableException or FencedException))
        {
            await RefuseAsync(http, route, error);
            return;
        }

        await streams.WriteAsync(http, continued.RunId, stop => host.ReadEventsAsync(continued.RunId, continued.LastIndex, stop), view);
    }

    private async Task<RunSummary> RequireAsync(RunRoute route, ContinueForm form, CancellationToken cancellationToken) =>
        await new RunLookup(route, form.SessionId, form.UserId).FindSummaryAsync(host, cancellationToken)
            ?? throw new NotFoundException($"No runs found for run ID {route.RunId}");

    private async Task RefuseAsync(HttpContext http, RunRoute route, EngineException error)
    {
        var writer = EventStreams.Begin(http);
        var refusal = new RunError(error.Message)
        {
            CreatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds(),
            TeamId = route.Kind == ComponentKind.Team ? route.ComponentId : null,
            RunId = route.RunId,
            ErrorType = error is NotFoundException ? "RunNotFoundError" : null,
        };
        await writer.WriteAsync(refusal, withIndex: false);
        await writer.FlushAsync();
    }
}
