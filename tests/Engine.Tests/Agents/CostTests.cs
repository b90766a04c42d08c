using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Tests.Testing;
using Microsoft.Extensions.AI;

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

    [Theory]
    [InlineData(long.MaxValue, 1_000_000_000)]
    [InlineData(-7, 0)]
    [InlineData(12, 12)]
    public async Task What_a_provider_claims_to_have_counted_is_brought_into_bounds(long told, long counted)
    {
        using var client = new ChannelChatClient();
        await using var engine = new TestEngine(new Agent { Model = TestEngine.NewModel(client) with { Price = new ModelPrice { Input = decimal.MaxValue, Output = 10 } } });
        client.Answer(call => call.Say("one").Write(Usage(told)).Write(Usage(told)).End());

        var run = await engine.RunAsync();

        Assert.Equal((2 * counted, 10), (run.Metrics!.InputTokens, run.Metrics.OutputTokens));
        Assert.InRange(run.Metrics.Cost!.Value, 0, decimal.MaxValue);
        var session = await ((Sessions.ISessionStore)engine.Store).FindAsync(TestEngine.SessionId, Patience.Token);
        Assert.Equal(2 * counted, session!.Metrics!.Details!["model"].Single().InputTokens);
    }

    [Fact]
    public void Sums_stay_at_the_largest_number_and_what_is_taken_away_leaves_no_debt()
    {
        var much = RunMetrics.None.Add(new MessageMetrics { InputTokens = long.MaxValue, TotalTokens = 5, Cost = decimal.MaxValue }, "m", "p");

        var sum = much.Add(much).Add(much, "m", "p");

        Assert.Equal((long.MaxValue, 15, decimal.MaxValue), (sum.InputTokens, sum.TotalTokens, sum.Cost));
        Assert.Equal(long.MaxValue, sum.Details!["model"].Single().InputTokens);
        Assert.Equal((0, 0, 0m), (much.Less(sum).InputTokens, much.Less(much).TotalTokens, much.Less(much).Cost));
        Assert.Equal(0, much.Less(much).Details!["model"].Single().TotalTokens);
    }

    [Theory]
    [InlineData("""{"input_tokens":36893488147419103228,"output_tokens":1e30,"total_tokens":-1,"cost":1e60,"duration":1e999}""")]
    [InlineData("""{"input_tokens":9223372036854775807,"output_tokens":9223372036854775807.9,"cost":79228162514264337593543950335,"duration":1.7976931348623157e308}""")]
    public void Metrics_with_numbers_of_any_size_can_be_read_and_written_again(string json)
    {
        var metrics = System.Text.Json.JsonSerializer.Deserialize(json, Engine.Json.EngineJson.Context.RunMetrics)!;

        Assert.Equal((long.MaxValue, long.MaxValue, 0, decimal.MaxValue), (metrics.InputTokens, metrics.OutputTokens, metrics.TotalTokens, metrics.Cost));
        Assert.Contains("1.7976931348623157E+308", System.Text.Json.JsonSerializer.Serialize(metrics, Engine.Json.EngineJson.Context.RunMetrics), StringComparison.Ordinal);
    }

    [Fact]
    public void Cached_parts_of_a_prompt_have_their_own_price() =>
        Assert.Equal(
            ((60 * 2m) + (30 * 0.5m) + (10 * 4m) + (5 * 10m)) / 1_000_000,
            new ModelPrice { Input = 2, Output = 10, CacheRead = 0.5m, CacheWrite = 4 }.Of(
                new MessageMetrics { InputTokens = 100, CacheReadTokens = 30, CacheWriteTokens = 10, OutputTokens = 5 }));

    private static UsageContent Usage(long input) => new(new UsageDetails { InputTokenCount = input, OutputTokenCount = 5 });
}
