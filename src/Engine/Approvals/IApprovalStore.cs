using System.Collections.Immutable;

namespace Cluster.Engine.Approvals;

/// <summary>Reads approvals.</summary>
public interface IApprovalReader
{
    /// <summary>Looks an approval up.</summary>
    /// <param name="approvalId">The approval's id.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The approval; null when there is none.</returns>
    Task<ApprovalRecord?> FindAsync(string approvalId, CancellationToken cancellationToken = default);

    /// <summary>Lists approvals, newest first, one page at a time.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The page.</returns>
    Task<ApprovalPage> ListAsync(ApprovalQuery query, CancellationToken cancellationToken = default);
}

/// <summary>Decides about approvals.</summary>
public interface IApprovalDecisions : IApprovalReader
{
    /// <summary>Decides about an approval, if nobody has and it is not too late. Of two decisions at the same time one counts.</summary>
    /// <param name="approvalId">The approval's id.</param>
    /// <param name="resolution">The decision. <see cref="ApprovalStatus.Expired"/> counts only when the time is over, everything else only before.</param>
    /// <param name="cancellationToken">Stops waiting; the decision may have been recorded.</param>
    /// <returns>The approval as it is now, and whether this decision counts; null when there is none.</returns>
    Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution, CancellationToken cancellationToken = default);

    /// <summary>Deletes an approval.</summary>
    /// <param name="approvalId">The approval's id.</param>
    /// <param name="cancellationToken">Stops waiting; the deletion may have happened.</param>
    /// <returns>False when there is none.</returns>
    Task<bool> DeleteAsync(string approvalId, CancellationToken cancellationToken = default);
}

/// <summary>Keeps approvals. Runs create their own through <see cref="Runs.IRunLog"/>, in one step with the pause; they outlive their runs.</summary>
public interface IApprovalStore : IApprovalDecisions
{
    /// <summary>Lists approvals for which something is left to do: those that are overdue, and those that were decided while their run still waits.</summary>
    /// <param name="now">The time, in Unix seconds.</param>
    /// <param name="limit">How many at most. Those that are overdue come first, then the newest: decisions that their runs never hear of, because they wait for something else too, hold up nobody.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The approvals.</returns>
    Task<ImmutableArray<ApprovalRecord>> ListDueAsync(long now, int limit, CancellationToken cancellationToken = default);
}

/// <summary>Which approvals to list. Filters that are null let everything through.</summary>
public sealed record ApprovalQuery
{
    /// <summary>Gets the status: <c>pending</c>, <c>approved</c>, <c>rejected</c>, <c>expired</c> or <c>cancelled</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Gets what runs: <c>agent</c>, <c>team</c> or <c>workflow</c>.</summary>
    public string? SourceType { get; init; }

    /// <summary>Gets <c>required</c> or <c>audit</c>.</summary>
    public string? ApprovalType { get; init; }

    /// <summary>Gets what the run waits for.</summary>
    public string? PauseType { get; init; }

    /// <summary>Gets the agent that runs.</summary>
    public string? AgentId { get; init; }

    /// <summary>Gets the team that runs.</summary>
    public string? TeamId { get; init; }

    /// <summary>Gets the workflow that runs.</summary>
    public string? WorkflowId { get; init; }

    /// <summary>Gets the user on whose behalf the component runs.</summary>
    public string? UserId { get; init; }

    /// <summary>Gets the schedule that started the run.</summary>
    public string? ScheduleId { get; init; }

    /// <summary>Gets the run that waits.</summary>
    public string? RunId { get; init; }

    /// <summary>Gets how many approvals to pass over. The default is 0.</summary>
    public int Offset { get; init; }

    /// <summary>Gets how many approvals to list at most. The default is 100; 0 only counts.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>One page of approvals.</summary>
/// <param name="Approvals">The approvals of the page.</param>
/// <param name="TotalCount">How many approvals match on all pages together.</param>
public sealed record ApprovalPage(ImmutableArray<ApprovalRecord> Approvals, int TotalCount);

/// <summary>An approval that somebody wanted to decide about.</summary>
/// <param name="Approval">The approval as it is now.</param>
/// <param name="Counts">False when another decision was first, or the time was not right for this one.</param>
public sealed record ResolvedApproval(ApprovalRecord Approval, bool Counts);
