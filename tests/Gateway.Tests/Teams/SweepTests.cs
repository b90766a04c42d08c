using Cluster.Api.Tests;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Gateway.Tests.Teams;

/// <summary>Members whose owner has died have no session that knows of them: the supervisors call them.</summary>
public sealed class SweepTests(TeamSilos silos) : IClassFixture<TeamSilos>
{
    private const int Supervisors = 4;
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_member_whose_team_is_over_is_cancelled()
    {
        var team = await silos.RunAsync("chorus");
        var orphan = await AcceptAndDieAsync(team.RunId, team.SessionId!);

        await SweepAsync();

        var run = await silos.First.WaitAsync(orphan, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop);
        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.DoesNotContain((await silos.Log.ReadAsync(orphan, TestApi.Stop))!.Events, next => next is RunStarted);
    }

    [Fact]
    public async Task A_member_whose_team_works_is_taken_up_beside_it()
    {
        var model = silos.Speech.To("long");
        var request = TeamSilos.Ask("spoken", "long");
        await silos.First.StartAsync(request, TestApi.Stop);
        var lost = await AcceptAndDieAsync(request.RunId, request.SessionId);

        await SweepAsync();

        var run = await silos.First.WaitAsync(lost, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop);
        Assert.Equal((RunStatus.Completed, "la 1"), (run.Status, run.Content?.Text));
        model.Finish();
        Assert.Equal(RunStatus.Completed, (await silos.First.WaitAsync(request.RunId, TestApi.Stop).WaitAsync(TooLong, TestApi.Stop)).Status);
    }

    /// <summary>Records a member's run as a leader does whose silo dies right after it.</summary>
    private async Task<string> AcceptAndDieAsync(string teamRunId, string sessionId)
    {
        var admission = new RunAdmission(TenantId.Default, new AgentCatalog(TestTeams.All(silos.Crowd.Model, silos.Speech.Agent)), new ModelCatalog([]), TimeProvider.System);
        var request = new RunRequest
        {
            RunId = Guid.NewGuid().ToString(),
            SessionId = sessionId,
            AgentId = "voice-1",
            Teams = ["chorus"],
            ParentRunId = teamRunId,
            ComponentType = SessionType.Agent,
            Input = new RunInput { InputContent = "go" },
        };
        return (await silos.Log.AcceptAsync(await admission.PrepareAsync(request), TestApi.Stop)).RunId;
    }

    private Task SweepAsync() => Task.WhenAll(Enumerable.Range(0, Supervisors).Select(shard => silos.Services.GetRequiredService<IGrainFactory>()
        .GetGrain<IRemindable>(GrainId.Create(GrainType.Create("supervisor"), GrainIdKeyExtensions.CreateIntegerKey(shard))).ReceiveReminder("sweep", default)));
}
