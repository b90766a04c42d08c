using Cluster.Api.Tests;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Gateway.Tests.Runs;

public sealed class ClusterApprovalTests(TwoGateways gateways) : IClassFixture<TwoGateways>
{
    private const int Supervisors = 4;
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_run_goes_on_when_its_approval_is_resolved_through_any_gateway()
    {
        var paused = await PauseAsync("patient");
        var events = await EventsAsync(gateways.First, paused.RunId, -1);

        var resolved = await Desk(1).ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, TestApi.Stop);
        var run = await WaitAsync(gateways.First, paused.RunId);

        Assert.Equal(RunStatus.Paused, resolved.RunStatus);
        Assert.Equal(("Done: deployed", 1), (run.Content?.Text, ApprovalAgents.Calls[paused.RunId]));
        Assert.IsType<RunContinued>((await EventsAsync(gateways.First, paused.RunId, events[^1].EventIndex!.Value))[0]);
    }

    [Fact]
    public async Task Continuing_what_an_approval_has_continued_waits_for_it_through_any_gateway()
    {
        for (var i = 0; i < 20; i++)
        {
            var paused = await PauseAsync("patient");
            await Desk(i % 2).ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, TestApi.Stop);

            foreach (var host in new[] { gateways.First, gateways.Second })
            {
                var last = (await host.ContinueAsync(new RunContinuation(paused.RunId, null), TestApi.Stop)).LastIndex;
                Assert.Equal("Done: deployed", (await WaitAsync(host, paused.RunId)).Content?.Text);
                Assert.IsType<RunCompleted>((await EventsAsync(host, paused.RunId, last).WaitAsync(AtOnce, TestApi.Stop))[^1]);
            }

            Assert.Equal(1, ApprovalAgents.Calls[paused.RunId]);
        }
    }

    [Fact]
    public async Task Of_many_decisions_through_both_gateways_one_counts()
    {
        var paused = await PauseAsync("patient");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => TryResolveAsync(Desk(i % 2), ApprovalOf(paused), $"u{i}")));
        await WaitAsync(gateways.First, paused.RunId);

        var winner = Assert.Single(outcomes, outcome => outcome is not null);
        Assert.Equal(winner!.ResolvedBy, (await Approvals.FindAsync(ApprovalOf(paused), TestApi.Stop))!.ResolvedBy);
        Assert.Equal(1, ApprovalAgents.Calls[paused.RunId]);
    }

    [Fact]
    public async Task An_overdue_approval_is_settled_by_the_supervisors()
    {
        var paused = await PauseAsync("hurried");

        await Task.WhenAll(RemindAsync(), RemindAsync());
        var run = await WaitAsync(gateways.Second, paused.RunId);

        Assert.StartsWith("Done: Nobody approved this call before", run.Content?.Text, StringComparison.Ordinal);
        Assert.False(ApprovalAgents.Calls.ContainsKey(paused.RunId));
        Assert.Equal(ApprovalStatus.Expired, (await Approvals.FindAsync(ApprovalOf(paused), TestApi.Stop))!.Status);
    }

    [Fact]
    public async Task A_run_whose_gateway_died_behind_the_decision_is_continued_by_the_supervisors()
    {
        var paused = await PauseAsync("patient");
        await Approvals.ResolveAsync(ApprovalOf(paused), new ApprovalResolution(ApprovalStatus.Approved, 1, "admin"), TestApi.Stop);

        await Task.WhenAll(RemindAsync(), RemindAsync());
        var run = await WaitAsync(gateways.First, paused.RunId);

        Assert.Equal(("Done: deployed", 1), (run.Content?.Text, ApprovalAgents.Calls[paused.RunId]));
        Assert.NotEqual(RunStatus.Paused, (await Approvals.FindAsync(ApprovalOf(paused), TestApi.Stop))!.RunStatus);
    }

    [Fact]
    public async Task A_team_goes_on_when_the_approval_of_its_members_call_is_resolved_through_any_gateway()
    {
        var paused = await PauseAsync("patient-team");

        await Desk(1).ResolveAsync(ApprovalOf(paused), isApproved: true, "admin", null, TestApi.Stop);
        var run = await WaitAsync(gateways.First, paused.RunId);

        Assert.Equal((RunStatus.Completed, "Team: Done: deployed"), (run.Status, run.Content?.Text));
    }

    [Fact]
    public async Task The_supervisors_continue_a_team_whose_members_approval_is_overdue()
    {
        var paused = await PauseAsync("hurried-team");

        await Task.WhenAll(RemindAsync(), RemindAsync());
        var run = await WaitAsync(gateways.Second, paused.RunId);

        Assert.StartsWith("Team: Done: Nobody approved this call before", run.Content?.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("patient")]
    [InlineData("patient-team")]
    public async Task A_run_that_waits_is_cancelled_at_once_with_its_approval_through_any_gateway(string agentId)
    {
        var paused = await PauseAsync(agentId);
        var approval = await Approvals.FindAsync(ApprovalOf(paused), TestApi.Stop);

        await gateways.Second.CancelAsync(paused.RunId, TestApi.Stop);

        Assert.Equal(RunStatus.Cancelled, (await gateways.First.FindAsync(paused.RunId, TestApi.Stop))!.Output.Status);
        Assert.Equal(RunStatus.Cancelled, (await gateways.First.FindAsync(approval!.RunId, TestApi.Stop))!.Output.Status);
        Assert.Equal(ApprovalStatus.Cancelled, (await Approvals.FindAsync(approval.Id, TestApi.Stop))!.Status);
        await Assert.ThrowsAsync<ConflictException>(() => Desk(0).ResolveAsync(approval.Id, isApproved: true, "admin", null, TestApi.Stop));
        await Assert.ThrowsAsync<ConflictException>(() => gateways.First.ContinueAsync(
            new RunContinuation(paused.RunId, [paused.Requirements!.Value.Single().ToolExecution with { Confirmed = true }]) { Requirements = paused.Requirements }, TestApi.Stop));
        var events = await EventsAsync(gateways.First, paused.RunId, -1);
        Assert.IsType<RunCompleted>(events[^1]);
        Assert.IsType<RunCancelled>(events[^2]);
        Assert.False(ApprovalAgents.Calls.ContainsKey(approval.RunId));
    }

    private IApprovalDecisions Approvals => gateways.Services(0).GetRequiredService<IApprovalDecisions>();

    private ApprovalDesk Desk(int gateway) => gateways.Services(gateway).GetRequiredService<ApprovalDesk>();

    private static string ApprovalOf(RunOutput paused) => paused.Requirements!.Value.Single().ToolExecution.ApprovalId!;

    private static RunRequest RequestOf(string agentId) =>
        TwoGateways.Ask(agentId, "go") with { ComponentType = agentId.EndsWith("-team", StringComparison.Ordinal) ? SessionType.Team : SessionType.Agent };

    private async Task<RunOutput> PauseAsync(string agentId)
    {
        var paused = await gateways.First.WaitAsync(await gateways.First.StartAsync(RequestOf(agentId), TestApi.Stop), TestApi.Stop);
        Assert.Equal(RunStatus.Paused, paused.Status);
        return paused;
    }

    /// <summary>Does what the runtime does once a minute.</summary>
    private Task RemindAsync() => Task.WhenAll(Enumerable.Range(0, Supervisors).Select(shard =>
        gateways.Grains.GetGrain<IRemindable>(GrainId.Create(GrainType.Create("supervisor"), GrainIdKeyExtensions.CreateIntegerKey(shard))).ReceiveReminder("sweep", default)));

    private static async Task<ApprovalRecord?> TryResolveAsync(ApprovalDesk desk, string approvalId, string by)
    {
        try
        {
            return await desk.ResolveAsync(approvalId, isApproved: true, by, null, TestApi.Stop);
        }
        catch (ConflictException)
        {
            return null;
        }
    }

    /// <summary>The pause is an outcome too: whoever waits may still be told of it.</summary>
    private static async Task<RunOutput> WaitAsync(IRunHost host, string runId)
    {
        RunOutput run;
        do
        {
            run = await host.WaitAsync(runId, TestApi.Stop).WaitAsync(AtOnce, TestApi.Stop);
        }
        while (run.Status == RunStatus.Paused);

        return run;
    }

    private static Task<List<RunEvent>> EventsAsync(IRunHost host, string runId, long afterIndex) =>
        host.ReadEventsAsync(runId, afterIndex, TestApi.Stop).ToListAsync(TestApi.Stop).AsTask();
}
