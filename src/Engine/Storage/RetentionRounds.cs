namespace Cluster.Engine.Storage;

/// <summary>Takes away what is not kept any longer, step by step.</summary>
/// <param name="store">The store.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class RetentionRounds(IRetentionStore store, TimeProvider timeProvider)
{
    /// <summary>Takes away what a query asks for.</summary>
    /// <param name="query">What to take away.</param>
    /// <param name="rest">The time between two steps.</param>
    /// <param name="progress">Hears how much was taken away so far; null for nobody.</param>
    /// <param name="cancellationToken">Stops between two steps; what was taken away is gone.</param>
    /// <returns>How much was taken away.</returns>
    public async Task<RetentionStep> PruneAsync(RetentionQuery query, TimeSpan rest, IProgress<RetentionStep>? progress = null, CancellationToken cancellationToken = default)
    {
        var sum = await store.PruneAsync(query, null, cancellationToken);
        while (sum.Next is not null)
        {
            progress?.Report(sum);
            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, timeProvider, cancellationToken);
            }

            var step = await store.PruneAsync(query, sum.Next, cancellationToken);
            sum = new RetentionStep(sum.Runs + step.Runs, sum.Sessions + step.Sessions, step.Next);
        }

        return sum;
    }

    /// <summary>Takes away what is beyond the bounds of options.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>How much was taken away.</returns>
    public async Task<RetentionStep> PruneAsync(RetentionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sum = new RetentionStep(0, 0, null);
        foreach (var query in await ToQueriesAsync(options, cancellationToken))
        {
            var taken = await PruneAsync(query, options.Rest, null, cancellationToken);
            sum = new RetentionStep(sum.Runs + taken.Runs, sum.Sessions + taken.Sessions, null);
        }

        return sum;
    }

    /// <summary>Asks for all but the newest runs of an agent or team.</summary>
    /// <param name="query">What else holds.</param>
    /// <param name="componentId">The agent or team.</param>
    /// <param name="count">How many are kept.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The query; null when there are no more.</returns>
    public async Task<RetentionQuery?> KeepNewestAsync(RetentionQuery query, string componentId, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return await store.FindNewestAsync(componentId, count, cancellationToken) is { } sequence ? query with { ComponentId = componentId, KeepFrom = sequence } : null;
    }

    /// <summary>Each bound is a question of its own: a run goes when it is beyond any of them.</summary>
    private async Task<List<RetentionQuery>> ToQueriesAsync(RetentionOptions options, CancellationToken cancellationToken)
    {
        var queries = new List<RetentionQuery>();
        if (options.Agents.Count == 0 && options.MaxRunsPerAgent is null)
        {
            await AddAsync(queries, options.Bounds, null, cancellationToken);
            return queries;
        }

        foreach (var componentId in await store.ListComponentsAsync(cancellationToken))
        {
            await AddAsync(queries, options.Agents.TryGetValue(componentId, out var own) ? own : options.Bounds, componentId, cancellationToken);
        }

        return queries;
    }

    private async Task AddAsync(List<RetentionQuery> queries, RetentionBounds bounds, string? componentId, CancellationToken cancellationToken)
    {
        var query = new RetentionQuery { ComponentId = componentId };
        if (bounds.MaxAge is { } age)
        {
            queries.Add(query with { AcceptedBefore = (timeProvider.GetUtcNow() - age).ToUnixTimeSeconds() });
        }

        if (bounds.MaxRunsPerSession is { } perSession)
        {
            queries.Add(query with { KeepOfSession = perSession });
        }

        if (bounds.MaxRunsPerAgent is { } perAgent && componentId is not null && await KeepNewestAsync(query, componentId, perAgent, cancellationToken) is { } beyond)
        {
            queries.Add(beyond);
        }
    }
}
