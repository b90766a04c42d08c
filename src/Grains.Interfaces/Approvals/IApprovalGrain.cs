using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;

namespace Cluster.Grains.Interfaces.Approvals;

/// <summary>
/// The silos' approvals, for clients that may not write to the database. It keeps nothing itself: any silo answers, and the database decides which of
/// several decisions counts. See <see cref="IApprovalDecisions"/> for what the calls mean.
/// </summary>
[Alias("cluster.approvals")]
public interface IApprovalGrain : IGrainWithStringKey
{
    /// <summary>Looks an approval up.</summary>
    /// <param name="approvalId">The approval's id.</param>
    /// <returns>The approval; null when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("find")]
    Task<ApprovalRecord?> FindAsync(string approvalId);

    /// <summary>Lists approvals, newest first, one page at a time.</summary>
    /// <param name="query">Which ones.</param>
    /// <returns>The page.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("list")]
    Task<ApprovalPage> ListAsync(ApprovalQuery query);

    /// <summary>Decides about an approval, if nobody has and it is not too late.</summary>
    /// <param name="approvalId">The approval's id.</param>
    /// <param name="resolution">The decision.</param>
    /// <returns>The approval as it is now, and whether this decision counts; null when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("resolve")]
    Task<ResolvedApproval?> ResolveAsync(string approvalId, ApprovalResolution resolution);

    /// <summary>Deletes an approval.</summary>
    /// <param name="approvalId">The approval's id.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="UnavailableException">The store is away.</exception>
    [Alias("delete")]
    Task<bool> DeleteAsync(string approvalId);
}
