using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Storage;

/// <summary>The rule by which runs get into sessions. Every store applies it inside the same step that records the run.</summary>
public static class SessionAdmission
{
    /// <summary>Lets a run into a session.</summary>
    /// <param name="stored">The session as it is; null when there is none.</param>
    /// <param name="acceptance">The run.</param>
    /// <returns>The session as it becomes.</returns>
    /// <exception cref="NotFoundException">Another run started this one, and the session is gone.</exception>
    /// <exception cref="ForbiddenException">The session belongs to another user.</exception>
    /// <exception cref="ConflictException">The session belongs to another component.</exception>
    public static SessionRecord Admit(SessionRecord? stored, RunAcceptance acceptance)
    {
        ArgumentNullException.ThrowIfNull(acceptance);
        var wanted = acceptance.Session;
        if (acceptance.Event.Request.ParentRunId is { } parent)
        {
            return stored ?? throw new NotFoundException($"The session '{wanted.SessionId}' of run {parent} is gone, so no run can be started for it.");
        }

        if (stored is null)
        {
            return wanted;
        }

        if (stored.UserId is not null && stored.UserId != wanted.UserId)
        {
            throw new ForbiddenException($"Session '{stored.SessionId}' belongs to another user. Use another session_id, or none to start a new session.");
        }

        if (stored.SessionType != wanted.SessionType || (stored.ComponentId is { } owner && owner != wanted.ComponentId))
        {
            var type = stored.SessionType.ToString();
            throw new ConflictException(
                $"Session '{stored.SessionId}' belongs to the {type.ToLowerInvariant()} '{stored.ComponentId}'. Use another session_id, or none to start a new session.");
        }

        return stored with
        {
            ComponentId = wanted.ComponentId,
            UserId = stored.UserId ?? wanted.UserId,
            FirstInput = stored.FirstInput ?? wanted.FirstInput,
            ComponentData = wanted.ComponentData,
            UpdatedAt = wanted.UpdatedAt,
        };
    }

    /// <summary>Says that a run's id is taken.</summary>
    /// <param name="runId">The id.</param>
    /// <returns>The exception to throw.</returns>
    public static ConflictException RunExists(string runId) => new($"A run with the id '{runId}' exists already.");
}

/// <summary>The rule by which owners of runs are told apart. Every store applies it inside the same step that appends.</summary>
public static class RunFence
{
    /// <summary>Refuses an append of an owner that was replaced, or at a position that is not the log's end.</summary>
    /// <param name="append">The append.</param>
    /// <param name="generation">The log's generation.</param>
    /// <param name="length">How many events the log holds.</param>
    /// <exception cref="FencedException">The append is refused.</exception>
    public static void Check(RunAppend append, long generation, int length)
    {
        ArgumentNullException.ThrowIfNull(append);
        if (append.Generation < generation)
        {
            throw new FencedException($"Run '{append.RunId}' has been taken over by generation {generation}; generation {append.Generation} may not append to it.");
        }

        if (append.Position != length)
        {
            throw new FencedException($"Run '{append.RunId}' holds {length} events; an append at position {append.Position} does not follow them.");
        }
    }

    /// <summary>Says that a run does not exist.</summary>
    /// <param name="runId">The run's id.</param>
    /// <returns>The exception to throw.</returns>
    public static NotFoundException Missing(string runId) => new($"No runs found for run ID {runId}");
}

/// <summary>Filters sessions that are in memory.</summary>
internal static class SessionListing
{
    /// <summary>Tells whether a session is one of those that are asked for.</summary>
    /// <param name="session">The session.</param>
    /// <param name="query">Which ones.</param>
    /// <returns>True when it is.</returns>
    public static bool Matches(SessionRecord session, SessionQuery query) =>
        (query.SessionType is null || session.SessionType == query.SessionType)
        && (query.ComponentId is null || session.ComponentId == query.ComponentId)
        && (query.UserId is null || session.UserId == query.UserId)
        && (query.NameContains is null || session.SessionName?.Contains(query.NameContains, StringComparison.OrdinalIgnoreCase) == true);
}
