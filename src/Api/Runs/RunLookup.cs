using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Where a request says that a run is. A run that is elsewhere does not exist for it.</summary>
/// <param name="Route">The component and the run.</param>
/// <param name="SessionId">The session; null when the request names none.</param>
/// <param name="UserId">The user; null when the request names none.</param>
internal sealed record RunLookup(RunRoute Route, string? SessionId, string? UserId = null)
{
    public async Task<RunSnapshot?> FindAsync(IRunHost host, CancellationToken cancellationToken) =>
        await host.FindAsync(Route.RunId, cancellationToken) is { } run && Fits(RunSummary.Of(run.Output, run.Streamed)) ? run : null;

    /// <summary>Looks the run up where nobody needs what was said in it.</summary>
    public async Task<RunSummary?> FindSummaryAsync(IRunHost host, CancellationToken cancellationToken) =>
        await host.FindSummaryAsync(Route.RunId, cancellationToken) is { } run && Fits(run) ? run : null;

    private bool Fits(RunSummary run) =>
        Route.Kind.Ran(run, Route.ComponentId)
        && (SessionId is null || run.SessionId == SessionId)
        && (UserId is null || run.UserId is null || run.UserId == UserId);
}
