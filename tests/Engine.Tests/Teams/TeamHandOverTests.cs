using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

/// <summary>A leader that waits for its members cannot finish its step when its process stops: the step ends, and a successor takes it again.</summary>
public sealed class TeamHandOverTests : IDisposable
{
    private readonly ChannelChatClient _model = new();
    private readonly TaskCompletionSource _isCalling = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task What_a_team_has_told_of_its_members_stays_as_it_was_told()
    {
        await using var engine = new TestEngine(NewTeam());
        var runId = await engine.StartAsync("Go");
        var call = await _model.NextCallAsync();
        call.Say("once ");
        var told = await engine.Host.ReadEventsAsync(runId, -1, Patience.Token).TakeWhile(next => next is not RunContent).ToListAsync(Patience.Token);

        var handingOver = engine.Host.HandOverAsync(Patience.Token);
        _answer.SetResult();
        call.Say("upon").Cost(10, 5).End();
        await handingOver;
        var known = (await new RunEventReader(engine.Store).ReadAsync(runId, Patience.Token))!;
        await using var next = engine.Successor();
        await next.Host.RecoverAsync(Patience.Token);
        var output = await next.WaitAsync(runId);

        Assert.Equal(told.Select(Json.Frames.Write), known.Take(told.Count).Select(Json.Frames.Write));
        Assert.Equal(known.Select(Json.Frames.Write), (await next.EventsAsync(runId)).Take(known.Count).Select(Json.Frames.Write));
        Assert.Equal(RunStatus.Completed, output.Status);
        Builders.AssertGapless(await next.EventsAsync(runId));
    }

    [Fact]
    public async Task A_tool_that_works_beside_the_members_keeps_its_outcome()
    {
        await using var engine = new TestEngine(NewTeam());
        var runId = await engine.StartAsync("Go");
        var call = await _model.NextCallAsync();
        await _isCalling.Task.WaitAsync(Patience.Token);

        var handingOver = engine.Host.HandOverAsync(Patience.Token);
        call.Say("once").Cost(10, 5).End();
        var member = (await engine.Store.ListUnfinishedAsync(cancellationToken: Patience.Token)).Single(run => run.ParentRunId is not null).RunId;
        await Assert.ThrowsAsync<HandedOverException>(() => engine.Host.Members.FollowAsync(member, runId, -1, _ => { }, Patience.Token));
        _answer.SetResult();
        await handingOver;
        await using var next = engine.Successor();
        await next.Host.RecoverAsync(Patience.Token);

        Assert.Equal((RunStatus.Completed, 1), ((await next.WaitAsync(runId)).Status, _calls));
    }

    /// <summary>Gives a team whose leader delegates and calls a tool that must not be repeated, both at once.</summary>
    private Team NewTeam()
    {
        var leader = TestTeams.Script("Done", ("delegate_task_to_member", new { member_id = "slow", task = "{input}" }), ("pay", new { }));
        var pay = Tool.Create(PayAsync, new ToolOptions { Name = "pay", Effect = ToolEffect.Once });
        return TestTeams.Of(leader, new Agent { Name = "Slow", Model = TestEngine.NewModel(_model) }) with { Tools = [pay] };
    }

    private async Task<string> PayAsync()
    {
        Interlocked.Increment(ref _calls);
        _isCalling.TrySetResult();
        await _answer.Task;
        return "paid";
    }
}
