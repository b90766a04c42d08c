using System.Collections.Concurrent;
using Cluster.Tests.Processes;

namespace Cluster.Tests.Traffic;

/// <summary>
/// Users who come at a steady pace, whatever happens: every other one with a session of their own, the rest with one that has runs already. Each starts a run
/// without steps and waits for its answer.
/// </summary>
internal sealed class Newcomers(TestCluster cluster) : IDisposable
{
    private const string Agent = "worker";

    /// <summary>Many enough that a session is not asked again while it is still busy.</summary>
    private const int Regulars = 64;

    private const int WarmRuns = 16;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<(DateTimeOffset At, TimeSpan Took)> _answered = new();
    private readonly CancellationTokenSource _enough = new();
    private readonly List<Task> _users = [];
    private Task _coming = Task.CompletedTask;

    public Observations Seen { get; } = new();

    /// <summary>Gets how many users still wait.</summary>
    public int Waiting => Seen.Live;

    /// <summary>Lets users come.</summary>
    public void Start() => _coming = ComeAsync();

    /// <summary>Waits until processes have done everything once, which takes long where many start at once.</summary>
    public async Task WarmUpAsync(TimeSpan patience)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < patience && (_answered.Count < WarmRuns || _answered.TakeLast(WarmRuns).Any(answered => answered.Took > Warm)))
        {
            await Task.Delay(ClusterSettings.Pace, TimeProvider.System);
        }
    }

    /// <summary>Lets no more users come, and waits for those who are there.</summary>
    /// <returns>True when all were answered in time.</returns>
    public async Task<bool> FinishAsync(TimeSpan patience)
    {
        await _enough.CancelAsync();
        await _coming;
        var all = Task.WhenAll(_users);
        return await Task.WhenAny(all, Task.Delay(patience, TimeProvider.System)) == all;
    }

    /// <summary>Gives how long those waited who came in a span of time and were answered, the quickest first.</summary>
    public TimeSpan[] Between(DateTimeOffset begin, DateTimeOffset end) =>
        [.. _answered.Where(answered => answered.At >= begin && answered.At < end).Select(answered => answered.Took).Order()];

    public void Dispose() => _enough.Dispose();

    private async Task ComeAsync()
    {
        using var pace = new PeriodicTimer(ClusterSettings.Pace, TimeProvider.System);
        try
        {
            for (var number = 0; await pace.WaitForNextTickAsync(_enough.Token); number++)
            {
                var session = number % 2 == 0 ? Regulars + number : number / 2 % Regulars;
                _users.Add(Task.Run(() => AskAsync(session), CancellationToken.None));
            }
        }
        catch (OperationCanceledException)
        {
            // Enough have come.
        }
    }

    private async Task AskAsync(int session)
    {
        Seen.Enter();
        var at = TimeProvider.System.GetUtcNow();
        var began = TimeProvider.System.GetTimestamp();
        await new RunClient(cluster, Seen, Agent, session).WaitAsync(steps: 0);
        _answered.Enqueue((at, TimeProvider.System.GetElapsedTime(began)));
        Seen.Leave();
    }
}
