using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Agents;

public sealed class AgentLoopTests
{
    [Fact]
    public async Task A_plain_run_has_the_order_of_events_of_the_contract()
    {
        await using var engine = new TestEngine(new Agent { Name = "Helper" });
        engine.Model.Answer("Hel", "lo");

        var events = await engine.StreamAsync();

        Assert.Equal("RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        Assert.Equal("Hello", Assert.IsType<RunCompleted>(events[^1]).Content?.Text);
        Builders.AssertGapless(events);
    }

    [Fact]
    public async Task Each_word_is_shown_while_the_model_still_speaks()
    {
        await using var engine = new TestEngine(new Agent());
        await using var events = engine.Host.ReadEventsAsync(await engine.StartAsync(), afterIndex: 1, Patience.Token).GetAsyncEnumerator(Patience.Token);
        var call = await engine.Model.NextCallAsync();

        call.Say("Hel");
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("Hel", Assert.IsType<RunContent>(events.Current).Content?.Text);
        call.Say("lo");
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("lo", Assert.IsType<RunContent>(events.Current).Content?.Text);
        call.End();
        Assert.True(await events.MoveNextAsync());
        Assert.IsType<ModelRequestCompleted>(events.Current);
    }
}
