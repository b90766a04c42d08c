using Cluster.Engine.Errors;
using Cluster.Engine.Storage;

namespace Cluster.Engine.Runs;

/// <summary>Looks runs up for callers in this process: those that work here as they are, all others as they were recorded.</summary>
/// <param name="owners">The runs that work here.</param>
/// <param name="records">The others.</param>
/// <param name="stop">Whether the process stops.</param>
internal sealed class InProcessRunLookup(RunOwners owners, IRunRecords records, HostStop stop)
{
    /// <summary>Waits until a run is over or waits for a human.</summary>
    public async Task<RunOutput> WaitAsync(string runId, CancellationToken cancellationToken)
    {
        while (owners.Find(runId) is { } owner)
        {
            await owner.Feed.WaitAsync(cancellationToken);
            if (owner.IsLost)
            {
                break;
            }

            if (owner.State is { IsSettled: true } state)
            {
                return state.Output;
            }

            // The feed also ends with the host. Without that, the run was continued at this very moment and is worth waiting for.
            if (stop.IsHandingOver)
            {
                throw new UnavailableException($"The server is stopping; run {runId} goes on after the restart. Look it up by its id then.") { IsForCallers = true };
            }
        }

        var output = (await records.FindAsync(runId, cancellationToken))?.Output ?? throw RunFence.Missing(runId);
        return output.Status is RunStatus.Pending or RunStatus.Running
            ? throw new UnavailableException($"Run {runId} is unfinished and nobody here works on it. Look it up by its id later.")
            : output;
    }

    /// <summary>Looks a run up.</summary>
    public async Task<RunSnapshot?> FindAsync(string runId, CancellationToken cancellationToken)
    {
        if (owners.Find(runId) is { State.IsSettled: false } owner)
        {
            return new RunSnapshot(owner.State.Recorded, owner.Feed.Count, owner.State.Request!.Streamed);
        }

        return await records.FindAsync(runId, cancellationToken) is { } record ? new RunSnapshot(record.Output, null, record.Streamed) : null;
    }
}
