using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits;

/// <summary>Ends work that takes too long.</summary>
internal static class TimeLimit
{
    /// <summary>Does some work.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="what">What the work is called in the refusal.</param>
    /// <param name="work">The work; it has to listen to its token.</param>
    /// <param name="cancellationToken">Stops it early.</param>
    /// <exception cref="UnavailableException">It took too long.</exception>
    public static async Task<T> RunAsync<T>(TimeSpan limit, string what, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(limit);
        try
        {
            return await work(timer.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UnavailableException($"{what} took longer than {limit.TotalSeconds} seconds and was stopped. Try again later, or ask for less.") { IsForCallers = true };
        }
    }
}
