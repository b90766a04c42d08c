using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Storage;

namespace Cluster.Storage.Retention;

/// <summary>Takes one step through the sessions of a store.</summary>
/// <param name="rows">The store.</param>
/// <param name="query">What to take away.</param>
internal sealed class RetentionSteps(IRetentionRows rows, RetentionQuery query)
{
    private const int SessionsInPage = 1_000;

    private long _runs;
    private long _sessions;
    private int _left = query.StepSize;

    /// <summary>Takes a step.</summary>
    /// <param name="after">Where the step before stopped; null for the first.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>What was taken away, and where to go on.</returns>
    /// <exception cref="InvalidRequestException">Everything would go.</exception>
    public async Task<RetentionStep> TakeAsync(RetentionCursor? after, CancellationToken cancellationToken)
    {
        if (query is { AcceptedBefore: null, KeepOfSession: null, KeepFrom: null } or { KeepOfSession: < 1 } or { StepSize: < 1 })
        {
            throw new InvalidRequestException("Say what is kept: from which time on, or how many runs, at least one.");
        }

        var page = await rows.ReadPageAsync(query, after, SessionsInPage, cancellationToken);
        foreach (var session in page)
        {
            // On that session the last step ended.
            var isSeen = after?.Creation == session.Creation;
            if ((session.HasCandidates || (session.IsUnused && !isSeen)) && await PruneAsync(session, isSeen ? after!.Run : 0, cancellationToken) is { } next)
            {
                return new RetentionStep(_runs, _sessions, next);
            }
        }

        // The page begins with the session on which the last one ended: it has to hold another one.
        var more = page.Count < SessionsInPage ? null : new RetentionCursor(page[^1].CreatedAt, page[^1].Creation, long.MaxValue);
        return new RetentionStep(_runs, _sessions, more);
    }

    private async Task<RetentionCursor?> PruneAsync(SessionRow session, long from, CancellationToken cancellationToken)
    {
        var candidates = session.HasCandidates ? await rows.ReadCandidatesAsync(query, session.SessionId, from, query.IsDryRun ? int.MaxValue : _left, cancellationToken) : [];
        if (candidates.IsEmpty && !session.IsUnused)
        {
            return null;
        }

        var removed = await rows.RemoveAsync(session.SessionId, [.. candidates.Select(run => run.RunId)], query.IsDryRun, cancellationToken);
        _runs += removed.Runs;
        _sessions += removed.Sessions;
        _left -= Math.Min(candidates.Length + 1, _left);
        return _left > 0 ? null : new RetentionCursor(session.CreatedAt, session.Creation, candidates.IsEmpty ? from : candidates[^1].Sequence);
    }
}

/// <summary>What a store does for <see cref="RetentionSteps"/>.</summary>
internal interface IRetentionRows
{
    Task<IReadOnlyList<SessionRow>> ReadPageAsync(RetentionQuery query, RetentionCursor? after, int limit, CancellationToken cancellationToken);

    Task<ImmutableArray<CandidateRun>> ReadCandidatesAsync(RetentionQuery query, string sessionId, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Removes runs with what they started, where all of it has settled, and the session when nothing is left of it, in one step.</summary>
    Task<(long Runs, long Sessions)> RemoveAsync(string sessionId, ImmutableArray<string> runIds, bool onlyCounts, CancellationToken cancellationToken);
}

/// <summary>A session that is looked at.</summary>
/// <param name="Creation">Its number.</param>
/// <param name="CreatedAt">When it was created, in Unix seconds.</param>
/// <param name="SessionId">Its id.</param>
/// <param name="HasCandidates">True when a run of it may go.</param>
/// <param name="IsUnused">True when it has no run and may go itself.</param>
internal sealed record SessionRow(long Creation, long CreatedAt, string SessionId, bool HasCandidates, bool IsUnused);

/// <summary>A run that may go.</summary>
/// <param name="Sequence">Its place among all runs.</param>
/// <param name="RunId">Its id.</param>
internal sealed record CandidateRun(long Sequence, string RunId);

/// <summary>Runs with all that they started.</summary>
internal static class RunTrees
{
    /// <summary>Gives the runs that may go: those that began a tree in which everything has settled, and all in it.</summary>
    /// <param name="rows">The runs of the trees.</param>
    /// <returns>Their ids.</returns>
    public static ImmutableArray<string> Settled(IEnumerable<(string Root, string RunId, bool IsSettled)> rows) =>
        [.. rows.GroupBy(run => run.Root, StringComparer.Ordinal).Where(tree => tree.All(run => run.IsSettled)).SelectMany(tree => tree.Select(run => run.RunId))];
}
