using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;

namespace Cluster.Engine.Runs;

/// <summary>Records what happened in a run.</summary>
/// <param name="services">What owners work with.</param>
internal sealed class RunCommits(RunOwnerServices services)
{
    /// <summary>Records events, however long the store is away.</summary>
    /// <param name="state">The run after the events.</param>
    /// <param name="events">The events, the last one committed.</param>
    /// <param name="stopping">Stops trying.</param>
    /// <returns>Why the owner has lost the run: it was taken over, is gone, or the store cannot take the events. Null when they are on record.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Stores fail in their own ways; what they cannot take now, they cannot take with an error event behind it.")]
    public async Task<EngineException?> TryAsync(RunState state, ImmutableArray<RunEvent> events, CancellationToken stopping)
    {
        var runId = state.Output.RunId;
        try
        {
            await new PersistentStore(services).AppendAsync(new RunAppends(services.TimeProvider).Prepare(state, events), stopping);
            return null;
        }
        catch (EngineException gone) when (gone is FencedException or NotFoundException)
        {
            return gone;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            RunOwnerLog.GivenUp(services.Logger, failure, runId);
            return new UnavailableException($"The store cannot take the events of run {runId}. The server's log has the details; the run is tried again after a restart.", failure);
        }
    }
}
