using System.Collections.Concurrent;
using System.Globalization;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Tests.Processes;

namespace Cluster.Tests.Teams;

/// <summary>Keeps a number of team runs alive. Each user starts one after the other, and agrees to whatever a member wants to do.</summary>
internal sealed class LiveTeams(TestCluster cluster, IRunHost runs, int steps)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private volatile bool _isEnough;
    private Task _users = Task.CompletedTask;

    /// <summary>Gets what became of the runs.</summary>
    public ConcurrentQueue<RunOutput> Done { get; } = new();

    /// <summary>Lets users come, and waits until members of theirs are at work.</summary>
    public async Task StartAsync(int users)
    {
        _users = Task.WhenAll(Enumerable.Range(0, users).Select(_ => Task.Run(UseAsync)));
        while (await cluster.Ledger.CountFinishedAsync() < users)
        {
            await Task.Delay(Pause, TimeProvider.System);
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

    private async Task UseAsync()
    {
        do
        {
            var request = TestClient.Ask("crew", steps.ToString(CultureInfo.InvariantCulture), SessionType.Team) with { IdempotencyKey = Guid.NewGuid().ToString() };
            await PatientlyAsync(() => runs.StartAsync(request));
            RunOutput output;
            while ((output = await PatientlyAsync(() => runs.WaitAsync(request.RunId))).Status == RunStatus.Paused)
            {
                await AnswerAsync(output);
            }

            Done.Enqueue(output);
        }
        while (!_isEnough);
    }

    private async Task AnswerAsync(RunOutput paused)
    {
        var open = (paused.Requirements ?? []).Where(requirement => requirement.IsOpen).Select(requirement => requirement with { Confirmation = true });
        try
        {
            await PatientlyAsync(() => runs.ContinueAsync(new RunContinuation(paused.RunId) { Requirements = [.. open] }));
        }
        catch (ConflictException)
        {
            // The answer to an earlier attempt was lost, and the run goes on.
        }
    }

    private static async Task<T> PatientlyAsync<T>(Func<Task<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (UnavailableException)
            {
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }
}
