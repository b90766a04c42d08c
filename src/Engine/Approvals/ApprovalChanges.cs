using System.Collections.Frozen;
using System.Collections.Immutable;
using Cluster.Engine.Json;

namespace Cluster.Engine.Approvals;

/// <summary>What an append to a run's log changes of approvals, in the same step.</summary>
/// <param name="Created">The approvals to create. One whose id is there already stays as it is.</param>
/// <param name="Applied">The ids of those whose decision the run has heard: nothing is left to do for them.</param>
public sealed record ApprovalChanges(ImmutableArray<ApprovalRecord> Created, ImmutableArray<string> Applied)
{
    /// <summary>Gets no changes.</summary>
    public static ApprovalChanges None { get; } = new([], []);

    /// <summary>Gets a value indicating whether nothing changes.</summary>
    public bool IsEmpty => Created.IsEmpty && Applied.IsEmpty;
}

/// <summary>An approval as stores keep it.</summary>
/// <param name="Record">The approval.</param>
/// <param name="IsApplied">True when the run has heard the decision.</param>
public sealed record StoredApproval(ApprovalRecord Record, bool IsApplied)
{
    /// <summary>Gives what is stored of a new approval. An audit only tells what the run knows already.</summary>
    /// <param name="approval">The approval.</param>
    /// <returns>What to store.</returns>
    public static StoredApproval Of(ApprovalRecord approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        return new StoredApproval(approval, IsApplied: approval.Status != ApprovalStatus.Pending);
    }
}

/// <summary>Filters and pages approvals that are in memory.</summary>
public static class ApprovalListing
{
    private static readonly FrozenDictionary<ApprovalStatus, string> Names = EnumNames.Of(EngineJson.Context.ApprovalStatus);

    /// <summary>Gives one page.</summary>
    /// <param name="approvals">All approvals, in the order of their creation.</param>
    /// <param name="query">Which ones.</param>
    /// <returns>The page, newest first.</returns>
    public static ApprovalPage Page(IEnumerable<ApprovalRecord> approvals, ApprovalQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var matching = approvals.Where(approval => Matches(approval, query)).Reverse().OrderByDescending(approval => approval.CreatedAt).ToArray();
        return new ApprovalPage([.. matching.Skip(query.Offset).Take(query.Limit)], matching.Length);
    }

    /// <summary>Tells whether something is left to do for an approval, as far as the run does not matter.</summary>
    /// <param name="stored">The approval.</param>
    /// <param name="now">The time, in Unix seconds.</param>
    /// <returns>True when it is overdue, or was decided and the run has not heard of it.</returns>
    public static bool IsDue(StoredApproval stored, long now)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return stored.Record.IsOverdue(now) || (stored.Record.Status != ApprovalStatus.Pending && !stored.IsApplied);
    }

    /// <summary>Gives the name of a status, as queries and the API have it.</summary>
    /// <param name="status">The status.</param>
    /// <returns>The name.</returns>
    public static string ToText(ApprovalStatus status) => Names[status];

    private static bool Matches(ApprovalRecord approval, ApprovalQuery query) => Wanted(approval, query).All(pair => pair.Wanted is null || pair.Wanted == pair.Actual);

    private static IEnumerable<(string? Wanted, string? Actual)> Wanted(ApprovalRecord approval, ApprovalQuery query) =>
    [
        (query.Status, ToText(approval.Status)),
        (query.SourceType, approval.SourceType),
        (query.ApprovalType, approval.ApprovalType),
        (query.PauseType, approval.PauseType),
        (query.AgentId, approval.AgentId),
        (query.TeamId, approval.TeamId),
        (query.WorkflowId, approval.WorkflowId),
        (query.UserId, approval.UserId),
        (query.ScheduleId, approval.ScheduleId),
        (query.RunId, approval.RunId),
    ];
}
