using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class HandOverTests
{
    [Fact]
    public async Task A_model_call_that_ended_before_a_hand_over_is_not_made_again()
    {
        var agent = new Agent { Name = "Worker", Tools = [Tool.Create(() => "done", new ToolOptions { Name = "work", Effect = ToolEffect.Pure })] };
        await using var engine = new TestEngine(agent);
        var request = engine.NewRequest();
        var accepted = new RunAccepted(request);
        await CrashScene.StoreAsync([accepted], engine.Store);
        using var handingOver = new CancellationTokenSource();
        using var owner = await RunOwner.TakeOverAsync(engine.Services, (await engine.Store.ReadAsync(request.RunId, Patience.Token))!, Patience.Token);
        var turning = owner.TurnAsync(Patience.Token, handingOver.Token);
        var call = await engine.Model.NextCallAsync();
        await handingOver.CancelAsync();
        call.Use("work", id: "call_1").End();
        await turning;

        await using var next = engine.Successor(new ChannelChatClient());
        using var successor = await RunOwner.TakeOverAsync(next.Services, (await engine.Store.ReadAsync(request.RunId, Patience.Token))!, Patience.Token);
        var finishing = successor.TurnAsync(Patience.Token);
        var second = await next.Model.NextCallAsync();
        second.Say("all done").End();
        await finishing;

        Assert.False(owner.State.IsSettled);
        Assert.True(second.HasToolResults);
        Assert.Equal(RunStatus.Completed, successor.State.Output.Status);
        Assert.Equal(2, successor.State.ModelCalls);
    }
}
