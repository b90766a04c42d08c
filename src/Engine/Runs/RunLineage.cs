namespace Cluster.Engine.Runs;

/// <summary>Finds out for whom a run works.</summary>
internal static class RunLineage
{
    /// <summary>Gives the run that was started from outside: a member of a team goes on when its team does.</summary>
    /// <param name="runId">A run.</param>
    /// <param name="findAsync">Looks a run up; null when it is gone.</param>
    /// <returns>The run itself, or the one at the top.</returns>
    public static async Task<string> RootOfAsync(string runId, Func<string, Task<RunOutput?>> findAsync)
    {
        while ((await findAsync(runId))?.ParentRunId is { } parent)
        {
            runId = parent;
        }

        return runId;
    }
}
