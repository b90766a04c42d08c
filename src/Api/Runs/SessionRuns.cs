using System.Diagnostics.CodeAnalysis;
using Cluster.Api.Errors;
using Cluster.Api.Validation;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Api.Runs;

/// <summary>Lists the runs of a component in a session.</summary>
/// <param name="sessions">The sessions.</param>
/// <param name="runs">The runs.</param>
internal sealed class SessionRuns(ISessionStore sessions, StoredRuns runs)
{
    public async Task<IReadOnlyList<RunResponse>> ListAsync(RunRoute route, HttpContext http)
    {
        var fields = TextFields.Of(http.Request.Query);
        var sessionId = fields.RequiredText("session_id");
        var status = fields.Text("status");
        fields.ThrowIfInvalid();
        if (await sessions.FindAsync(sessionId, http.RequestAborted) is not { } session || session.SessionType != route.Kind.Type || session.ComponentId != route.ComponentId)
        {
            throw ApiException.NotFound("Session not found");
        }

        return await runs.ListAsync(new RunQuery(sessionId), run => route.Kind.Ran(run, route.ComponentId) && Fits(run, status), http.RequestAborted);
    }

    /// <summary>An unknown status is no error: no run has it.</summary>
    [SuppressMessage("Performance", "CA1862:Use the 'StringComparison' method overloads to perform case-insensitive string comparisons", Justification = "The wire has names in upper case, and only those are known.")]
    private static bool Fits(RunOutput run, string? status) => status is null || run.Status.ToString().ToUpperInvariant() == status;
}
