using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;

namespace Cluster.Engine.Runs;

/// <summary>Records what happened in a run. What need not be on record at once waits for the next event that has to be.</summary>
/// <param name="services">What owners work with.</param>
internal sealed class RunCommits(RunOwnerServices services)
{
    private readonly List<RunEvent> _waiting = [];

    /// <summary>Gets a value indicating whether nothing waits.</summary>
    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Lets an event wait.</summary>
    public void Add(RunEvent next) => _waiting.Add(next);

    /// <summary>Records what waits, however long the store is away.</summary>
    /// <param name="state">The run after the events.</param>
    /// <param name="last">The event behind those that wait; null for none.</param>
    /// <param name="stopping">Stops trying.</param>
    /// <returns>Why the owner has lost the run: it was taken over, is gone, or the store cannot take the events. Null when they are on record.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Stores fail in their own ways; what they cannot take now, they cannot take with an error event behind it.")]
    public async Task<EngineException?> TryAsync(RunState state, RunEvent? last, CancellationToken stopping)
    {
        var runId = state.Output.RunId;
        ImmutableArray<RunEvent> events = last is null ? [.. _waiting] : [.. _waiting, last];
        try
        {
            await new PersistentStore(services).AppendAsync(new RunAppends(services.TimeProvider).Prepare(state, events), stopping);
            _waiting.Clear();
            if (last is not RunTakenOver)
            {
                services.Attempts.Forget(runId);
            }

            return null;
        }
        catch (EngineException gone) when (gone is FencedException or NotFoundException)
        {
            services.Attempts.Forget(runId);
            return gone;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            RunOwnerLog.GivenUp(services.Logger, failure, runId);
            services.Attempts.Note(runId, failure);
            return new UnavailableException($"The store cannot take the events of run {runId}. The server's log has the details; the run is tried again.", failure);
        }
    }
}
