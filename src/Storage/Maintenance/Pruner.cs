using Cluster.Engine.Scopes;
using Cluster.Engine.Storage;

namespace Cluster.Storage.Maintenance;

/// <summary>Takes runs away for an operator.</summary>
/// <param name="storeOf">Gives the store of a tenant.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="progress">Hears how far it is.</param>
internal sealed class Pruner(Func<TenantId, IRetentionStore> storeOf, TimeProvider timeProvider, IProgress<StoreProgress> progress)
{
    private long _runs;
    private long _sessions;

    /// <summary>Takes runs away.</summary>
    /// <param name="tenants">Whose runs.</param>
    /// <param name="pruning">Which ones.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>How many runs and sessions are gone.</returns>
    public async Task<(long Runs, long Sessions)> PruneAsync(IEnumerable<TenantId> tenants, StorePruning pruning, CancellationToken cancellationToken)
    {
        var query = new RetentionQuery
        {
            AcceptedBefore = pruning.OlderThan is { } age ? (timeProvider.GetUtcNow() - age).ToUnixTimeSeconds() : null,
            ComponentId = pruning.ComponentId,
            IsDryRun = pruning.IsDryRun,
        };
        foreach (var store in tenants.Select(storeOf))
        {
            await PruneAsync(store, query, pruning, cancellationToken);
        }

        return (_runs, _sessions);
    }

    private async Task PruneAsync(IRetentionStore store, RetentionQuery query, StorePruning pruning, CancellationToken cancellationToken)
    {
        var rounds = new RetentionRounds(store, timeProvider);
        if (pruning is not { Keep: { } keep, KeepsPerAgent: true })
        {
            await PruneAsync(rounds, query with { KeepOfSession = pruning.Keep }, cancellationToken);
            return;
        }

        foreach (var componentId in pruning.ComponentId is { } one ? [one] : await store.ListComponentsAsync(cancellationToken))
        {
            if (await rounds.KeepNewestAsync(query, componentId, keep, cancellationToken) is { } beyond)
            {
                await PruneAsync(rounds, beyond, cancellationToken);
            }
        }
    }

    private async Task PruneAsync(RetentionRounds rounds, RetentionQuery query, CancellationToken cancellationToken)
    {
        var before = _runs;
        var heard = new Heard(step => progress.Report(new StoreProgress("prune", before + step.Runs, 0, "runs")));
        var taken = await rounds.PruneAsync(query, TimeSpan.Zero, heard, cancellationToken);
        _runs += taken.Runs;
        _sessions += taken.Sessions;
    }

    /// <summary>The framework's own tells from other threads, some time later.</summary>
    private sealed class Heard(Action<RetentionStep> report) : IProgress<RetentionStep>
    {
        public void Report(RetentionStep value) => report(value);
    }
}
