using System.Collections.Concurrent;
using Cluster.Tests.Processes;

namespace Cluster.Tests.Traffic;

/// <summary>Asks every gateway ten times a second whether it is ready, as a proxy in front of them might.</summary>
internal sealed class ReadinessProbe : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<string> _refusals = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;
    private int _asked;

    private ReadinessProbe(IEnumerable<TestGateway> gateways) => _asking = Task.WhenAll(gateways.Select(AskAsync));

    /// <summary>Gets every answer but 200, in words.</summary>
    public IReadOnlyCollection<string> Refusals => _refusals;

    /// <summary>Gets how often a gateway was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Begins to ask gateways that stay until the end.</summary>
    public static ReadinessProbe Start(IEnumerable<TestGateway> gateways) => new(gateways);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        _stop.Dispose();
    }

    private async Task AskAsync(TestGateway gateway)
    {
        using var timer = new PeriodicTimer(Period, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                using var answer = await gateway.Client.GetAsync("/health/ready", _stop.Token);
                Interlocked.Increment(ref _asked);
                if (!answer.IsSuccessStatusCode)
                {
                    _refusals.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {gateway.Process.Name}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(_stop.Token)}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was asked.
        }
    }
}
