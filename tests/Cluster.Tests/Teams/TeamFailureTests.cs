using System.Security.Cryptography;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Tests.Processes;

namespace Cluster.Tests.Teams;

/// <summary>Silos die and are replaced while teams work on them. See <see cref="ClusterSettings"/> for how long.</summary>
public sealed class TeamFailureTests(ITestOutputHelper output)
{
    private const int Users = 6;
    private const int Steps = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Silos_die_at_random_and_every_team_gives_the_same_answer_and_no_member_does_again_what_it_has_done()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3, gateways: 0);
        await using var client = await TestClient.StartAsync(cluster);
        var teams = new LiveTeams(cluster, client.Runs, Steps);

        await teams.StartAsync(Users);
        var kills = await KillAsync(cluster);
        var isFinished = await teams.FinishAsync(Patience);

        var verdict = await TeamVerdict.ReadAsync(cluster);
        output.WriteLine($"killed {kills} silos\n{verdict.Describe()}");
        Assert.True(isFinished, "Teams or their clients hang.");
        Assert.Empty(verdict.Violations);
        Assert.All(teams.Done, team => Assert.Equal((RunStatus.Completed, TeamVerdict.AnswerAfter(Steps)), (team.Status, team.Content?.Text)));
    }

    [Fact]
    public async Task Silos_are_restarted_one_after_the_other_and_no_team_notices()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3, gateways: 0);
        await using var client = await TestClient.StartAsync(cluster);
        var teams = new LiveTeams(cluster, client.Runs, Steps);

        await teams.StartAsync(Users);
        foreach (var silo in cluster.LivingSilos())
        {
            Assert.Equal(0, await silo.TerminateAsync());
            await cluster.StartSiloAsync();
        }

        var isFinished = await teams.FinishAsync(Patience);

        var verdict = await TeamVerdict.ReadAsync(cluster);
        output.WriteLine(verdict.Describe());
        Assert.True(isFinished, "Teams or their clients hang.");
        Assert.Empty(verdict.Violations);
        Assert.Empty(verdict.Repetitions);
        Assert.All(teams.Done, team => Assert.Equal((RunStatus.Completed, TeamVerdict.AnswerAfter(Steps)), (team.Status, team.Content?.Text)));
    }

    [Fact]
    public async Task An_approval_expires_and_its_run_goes_on_although_every_silo_died_that_knew_of_it()
    {
        await using var cluster = await TestCluster.StartAsync(silos: 2, gateways: 0);
        await using var client = await TestClient.StartAsync(cluster);
        RunRequest[] requests = [TestClient.Ask("approver", "deploy", SessionType.Agent), TestClient.Ask("board", "deploy", SessionType.Team)];
        foreach (var request in requests)
        {
            await client.Runs.StartAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(RunStatus.Paused, (await client.Runs.WaitAsync(request.RunId, TestContext.Current.CancellationToken)).Status);
        }

        foreach (var silo in cluster.LivingSilos())
        {
            await silo.KillAsync();
            await cluster.StartSiloAsync();
        }

        var runs = await Task.WhenAll(requests.Select(request => EndAsync(client.Runs, request.RunId))).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.All(runs, run => Assert.Equal(RunStatus.Completed, run.Status));
        Assert.All(runs, run => Assert.Contains("It says: Nobody approved this call", run.Content?.Text, StringComparison.Ordinal));
    }

    private static async Task<RunOutput> EndAsync(IRunHost runs, string runId)
    {
        while (true)
        {
            if (await runs.FindAsync(runId) is { Output: { Status: not (RunStatus.Paused or RunStatus.Running or RunStatus.Pending) } output })
            {
                return output;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
    }

    /// <summary>Kills one silo after the other and starts others in their place; two are left at least.</summary>
    private static async Task<int> KillAsync(TestCluster cluster)
    {
        var kills = 0;
        var starts = new List<Task>();
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < ClusterSettings.Duration)
        {
            await Task.Delay(ClusterSettings.Pause * (RandomNumberGenerator.GetInt32(50, 150) / 100.0), TimeProvider.System);
            var silos = cluster.LivingSilos();
            if (silos.Length > 2)
            {
                await silos[RandomNumberGenerator.GetInt32(silos.Length)].KillAsync();
                kills++;
                starts.Add(cluster.StartSiloAsync());
            }
        }

        await Task.WhenAll(starts);
        return kills;
    }
}
