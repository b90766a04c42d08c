using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Agents;

public sealed class CostTests
{
    [Fact]
    public async Task A_model_with_a_price_puts_the_cost_on_message_run_and_session()
    {
        using var client = new ChannelChatClient();
        await using var engine = new TestEngine(new Agent { Model = TestEngine.NewModel(client) with { Price = new ModelPrice { Input = 2, Output = 10 } } });
        client.Answer("one").Answer("two");

        var first = await engine.RunAsync();
        await engine.RunAsync();

        const decimal Cost = ((10 * 2m) + (5 * 10m)) / 1_000_000;
        Assert.Equal(Cost, first.Messages!.Value[^1].Metrics!.Cost);
        Assert.Equal(Cost, first.Metrics!.Cost);
        Assert.Equal(Cost, first.Metrics.Details!["model"].Single().Cost);
        var session = await ((Sessions.ISessionStore)engine.Store).FindAsync(TestEngine.SessionId, Patience.Token);
        Assert.Equal(2 * Cost, session!.Metrics!.Cost);
    }

    [Fact]
    public async Task A_model_without_a_price_has_no_cost()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("one");

        Assert.Null((await engine.RunAsync()).Metrics!.Cost);
    }

    [Fact]
    public void Cached_parts_of_a_prompt_have_their_own_price() =>
        Assert.Equal(
            ((60 * 2m) + (30 * 0.5m) + (10 * 4m) + (5 * 10m)) / 1_000_000,
            new ModelPrice { Input = 2, Output = 10, CacheRead = 0.5m, CacheWrite = 4 }.Of(
                new MessageMetrics { InputTokens = 100, CacheReadTokens = 30, CacheWriteTokens = 10, OutputTokens = 5 }));
}
