namespace Cluster.Engine.Teams;

/// <summary>
/// The ids of members' runs. They follow from their team's run, so they are UUIDs of version 8, which the ids of other runs are not: whoever has to find a
/// place for a run learns from its id that it is a member's.
/// </summary>
public static class MemberRunId
{
    /// <summary>Tells whether an id looks like that of a member's run. What a run does must not depend on it: callers may choose such ids for other runs.</summary>
    /// <param name="runId">The id.</param>
    /// <returns>True when it does.</returns>
    public static bool Is(string runId) => Guid.TryParse(runId, out var id) && id.Version == 8;
}
