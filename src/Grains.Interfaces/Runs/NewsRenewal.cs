using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>
/// Sees to it that news come after silos came or went. It takes as long as it takes: the silos that know the subscription may be those that are gone, and
/// meanwhile followed runs are asked for, now and again.
/// </summary>
/// <param name="news">The subscription.</param>
/// <param name="runs">The runs that are followed.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class NewsRenewal(
    NewsSubscription news, FollowedRuns runs, [FromKeyedServices(ClusterClock.Key)] TimeProvider timeProvider, ILogger<NewsRenewal> logger)
    : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly AskSchedule _asks = new(timeProvider);
    private Task _renewing = Task.CompletedTask;
    private int _changes;

    /// <summary>Subscribes anew in the background, as often as it takes.</summary>
    /// <returns>A task that ends when the subscription stands.</returns>
    public Task Renew()
    {
        lock (_lock)
        {
            _asks.Begin();
            _changes++;
            return _renewing = _renewing.IsCompleted ? Task.Run(RenewAllAsync) : _renewing;
        }
    }

    /// <summary>Asks for followed runs when it is time. It is called every second or so.</summary>
    public void AskWhenDue()
    {
        if (_asks.IsDue())
        {
            runs.AskAgain();
        }
    }

    /// <summary>Subscribes no more.</summary>
    /// <returns>A task that ends when nothing is under way.</returns>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RenewAllAsync()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _changes);
            await RenewAsync();
        }
        while (!IsDone(seen));

        // What was sent without the subscription is lost.
        runs.AskAgain();
    }

    /// <summary>A change that comes now begins a renewal of its own.</summary>
    private bool IsDone(int seen)
    {
        lock (_lock)
        {
            return seen == _changes;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps the subscription from standing now, it is tried again in a second.")]
    private async Task RenewAsync()
    {
        for (var isSaid = false; !_stopping.IsCancellationRequested;)
        {
            try
            {
                await news.RenewAsync();
                return;
            }
            catch (Exception failure) when (!_stopping.IsCancellationRequested)
            {
                if (!isSaid)
                {
                    LogNotRenewed(failure.Message);
                    isSaid = true;
                }
            }

            await Task.Delay(RetryPause, timeProvider, _stopping.Token);
        }
    }

    [LoggerMessage(LogLevel.Warning, "News of runs are not subscribed to yet ({Reason}); until they are, runs are asked for")]
    private partial void LogNotRenewed(string reason);
}
