using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Agents;

/// <summary>Models, tools and callers that give half a surrogate pair: no run fails over it, and what is on record can be read.</summary>
public sealed class HalfLetterTests
{
    private const string High = "\ud83d";
    private const string Low = "\ude00";

    [Theory]
    [InlineData("aH Lb", "a\U0001F600b")]
    [InlineData("H  L", "\U0001F600")]
    [InlineData("aH b", "a\uFFFDb")]
    [InlineData("aH", "a\uFFFD")]
    [InlineData("La", "\uFFFDa")]
    [InlineData("aHH L", "a\uFFFD\U0001F600")]
    public async Task Halves_of_a_letter_are_joined_or_replaced(string words, string expected)
    {
        // Attributes hold no halves themselves.
        var said = words.Replace("H", High, StringComparison.Ordinal).Replace("L", Low, StringComparison.Ordinal).Split(' ');
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer(call => call.Say(said).End());

        var events = await engine.StreamAsync();

        Assert.Equal(expected, string.Concat(events.OfType<RunContent>().Select(piece => piece.Content?.Text)));
        Assert.Equal(expected, events.OfType<RunCompleted>().Single().Content?.Text);
    }

    [Fact]
    public async Task Thoughts_are_joined_beside_the_text()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer(call => call.Think("h" + High).Say("y" + High).Think(Low).Say(Low).End());

        var run = await engine.RunAsync();

        Assert.Equal(("h\U0001F600", "y\U0001F600"), (run.ReasoningContent, run.Content?.Text));
    }

    [Fact]
    public async Task Arguments_results_names_and_metadata_may_hold_halves()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create((string at) => at + High, new ToolOptions { Name = "look" })] });
        engine.Model
            .Answer(call => call.Write(new FunctionCallContent("x" + High, "look", new Dictionary<string, object?> { ["at"] = JsonElement.Parse("\"\\ud83d\"") })).Use("n" + Low, id: "y").UseMalformed("look", "{" + High, "z").End())
            .Answer("done");

        var run = await engine.RunAsync(engine.NewRequest("hi " + High) with { Metadata = JsonElement.Parse("""{"m\ude00":"\ud83d","n":"\ud83d\ude00"}""") });

        Assert.Equal((RunStatus.Completed, "done"), (run.Status, run.Content?.Text));
        var json = JsonSerializer.Serialize(run, EngineJson.Context.RunOutput);
        var read = JsonSerializer.Deserialize(json, EngineJson.Context.RunOutput)!;
        var looked = read.Tools!.Value.Single(tool => tool.ToolCallId == "x\uFFFD");
        Assert.Equal(("\uFFFD\uFFFD", "\uFFFD"), (looked.Result, looked.ToolArgs?.GetProperty("at").GetString()));
        Assert.Equal("""{"m\ufffd":"\ufffd","n":"\ud83d\ude00"}""", JsonSerializer.Serialize(read.Metadata), ignoreCase: true);
    }

    [Fact]
    public async Task Absurd_counts_of_tokens_do_not_spoil_the_sums()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => "x", new ToolOptions { Name = "look" })] });
        engine.Model
            .Answer(call => call.Use("look", id: "a").Write(new UsageContent(new UsageDetails { InputTokenCount = long.MaxValue, OutputTokenCount = -5, TotalTokenCount = long.MaxValue })).End())
            .Answer(call => call.Say("done").Write(new UsageContent(new UsageDetails { InputTokenCount = long.MaxValue, OutputTokenCount = 7, TotalTokenCount = long.MinValue })).End());

        var metrics = (await engine.RunAsync()).Metrics!;

        Assert.Equal((2_000_000_000L, 7L, 1_000_000_000L), (metrics.InputTokens, metrics.OutputTokens, metrics.TotalTokens));
    }

    [Fact]
    public async Task What_was_said_before_a_lone_closing_tag_is_on_record_as_thought()
    {
        using var inner = new ChannelChatClient().Answer(call => call.Say("so ", "it is", "</thi", "nk>\n4", "2").End());
        using var client = new Engine.Models.ThinkTagChatClient(inner);
        await using var engine = new TestEngine(new Agent { Model = Engine.Models.ModelSource.From(client) });

        var events = await engine.StreamAsync();

        var completed = events.OfType<RunCompleted>().Single();
        Assert.Equal(("42", "so it is"), (completed.Content?.Text, completed.ReasoningContent));
        var again = await engine.EventsAsync(completed.RunId!);
        Assert.Equal(events.Select(next => next.EventIndex), again.Select(next => next.EventIndex));
    }
}
