using Cluster.Api.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Hands the wish that a run goes on to the engine and shows how it does.</summary>
/// <param name="host">The runs.</param>
/// <param name="streams">Streams events.</param>
/// <param name="events">What clients saw before.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class RunContinuations(IRunHost host, EventStreams streams, StoredEvents events, TimeProvider timeProvider)
{
    public async Task AnswerAsync(HttpContext http, string agentId, ContinueForm form)
    {
        var runId = form.Continuation.RunId;
        var run = await RequireAsync(agentId, form, http.RequestAborted);
        var continued = await host.ContinueAsync(form.Continuation, http.RequestAborted);
        var output = await host.WaitAsync(continued.RunId, http.RequestAborted);
        if (continued.RunId == runId)
        {
            output = output with { Events = await events.ReadForRecordAsync(runId, run.Streamed, http.RequestAborted) };
        }

        await JsonAnswer.WriteAsync(http.Response, output, EngineJson.Context.RunOutput);
    }

    /// <summary>Streams how the run goes on. A refusal is an event of the stream, as clients of streams expect it.</summary>
    public async Task StreamAsync(HttpContext http, string agentId, ContinueForm form, EventView view)
    {
        ContinuedRun continued;
        try
        {
            await RequireAsync(agentId, form, http.RequestAborted);
            continued = await host.ContinueAsync(form.Continuation, http.RequestAborted);
        }
        catch (EngineException error) when (error is not (UnavailableException or FencedException))
        {
            await RefuseAsync(http, form.Continuation.RunId, error);
            return;
        }

        await streams.WriteAsync(http, stop => host.ReadEventsAsync(continued.RunId, continued.LastIndex, stop), view);
    }

    private async Task<RunSnapshot> RequireAsync(string agentId, ContinueForm form, CancellationToken cancellationToken)
    {
        var runId = form.Continuation.RunId;
        return await new RunLookup(agentId, runId, form.SessionId, form.UserId).FindAsync(host, cancellationToken)
            ?? throw new NotFoundException($"No runs found for run ID {runId}");
    }

    private async Task RefuseAsync(HttpContext http, string runId, EngineException error)
    {
        using var writer = EventStreams.Begin(http);
        var refusal = new RunError(error.Message)
        {
            CreatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds(),
            RunId = runId,
            ErrorType = error is NotFoundException ? "RunNotFoundError" : null,
        };
        writer.Write(refusal, withIndex: false);
        await writer.FlushAsync(http.RequestAborted);
    }
}
