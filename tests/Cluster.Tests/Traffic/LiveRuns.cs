using Cluster.Tests.Processes;

namespace Cluster.Tests.Traffic;

/// <summary>Keeps a number of runs alive: a third is streamed, a third waited for, a third works in the background.</summary>
internal sealed class LiveRuns(TestCluster cluster, string agent, int steps)
{
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(250);

    private volatile bool _isEnough;
    private Task _users = Task.CompletedTask;

    public Observations Seen { get; } = new();

    /// <summary>Lets users come, each of whom starts one run after the other, and waits until their runs are at work.</summary>
    public async Task StartAsync(int users)
    {
        _users = Task.WhenAll(Enumerable.Range(0, users).Select(slot => Task.Run(() => UseAsync(slot))));
        while (await cluster.Ledger.CountFinishedAsync() < users)
        {
            await Task.Delay(LookPause, TimeProvider.System);
        }
    }

    /// <summary>Lets the users finish the runs that they have, and no others.</summary>
    /// <returns>True when all have come to an end in time.</returns>
    public async Task<bool> FinishAsync(TimeSpan patience)
    {
        _isEnough = true;
        if (await Task.WhenAny(_users, Task.Delay(patience, TimeProvider.System)) != _users)
        {
            return false;
        }

        await _users;
        return true;
    }

    private async Task UseAsync(int slot)
    {
        do
        {
            Seen.Enter();
            var client = new RunClient(cluster, Seen, agent, slot);
            var run = (slot % 3) switch
            {
                0 => client.StreamAsync(steps),
                1 => client.WaitAsync(steps),
                _ => client.PollAsync(steps),
            };
            await run;
            Seen.Leave();
        }
        while (!_isEnough);
    }
}
