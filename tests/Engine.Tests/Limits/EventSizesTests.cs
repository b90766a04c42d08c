using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Limits;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Limits;

public sealed class EventSizesTests
{
    private static readonly string Text = new('x', 100_000);

    public static TheoryData<RunEvent> Large =>
    [
        new RunContent { Content = Text },
        new RunContent { ReasoningContent = Text },
        new RunContent { Content = new ContentValue(null, JsonElement.Parse($$"""{"a":"{{Text}}"}""")) },
        new ReasoningContentDelta(Text),
        new ToolCallStarted(new ToolExecution { ToolArgs = JsonElement.Parse($$"""{"a":"{{Text}}"}""") }),
        new ToolCallCompleted(Text, new ToolExecution()),
        new ToolCallCompleted("done", new ToolExecution { Result = Text }),
        new ToolCallError(Text, new ToolExecution()),
        new RunCompleted { Content = Text },
        new RunCompleted { ReasoningContent = Text },
        new RunCompleted { Images = [new Media { Content = Text }] },
        new RunCompleted { SessionState = JsonElement.Parse($$"""{"a":"{{Text}}"}""") },
        new RunCompleted { MemberResponses = [new RunOutput { RunId = "r", Content = Text }] },
        new RunPaused(Text, [], []),
        new RunError(Text),
        new CustomEvent { Members = { ["a"] = JsonElement.Parse($"\"{Text}\"") } },
    ];

    [Theory]
    [MemberData(nameof(Large), DisableDiscoveryEnumeration = true)]
    public void An_event_is_about_as_large_as_its_json(RunEvent next) =>
        Assert.InRange(EventSizes.Of(next), Text.Length, JsonSerializer.SerializeToUtf8Bytes(next, RunEventTypes.Get(next)).Length * 1.1);

    [Fact]
    public void A_page_ends_before_it_is_too_large_and_holds_one_event_at_least()
    {
        var small = Enumerable.Range(0, 10).Select(RunEvent (_) => new RunContent { Content = new string('x', 1_000) }).ToArray();
        RunEvent[] large = [new RunContent { Content = Text }, .. small];

        Assert.Equal(3, EventSizes.First(small, 5_000).Length);
        Assert.Equal(3, EventSizes.Last(small, 100, 5_000).Length);
        Assert.Equal(2, EventSizes.Last(small, 2, 5_000).Length);
        Assert.Equal(1, EventSizes.First(large, 5_000).Length);
        Assert.Equal(1, EventSizes.Last(large.Reverse().ToArray(), 100, 5_000).Length);
        Assert.True(EventSizes.First(default, 5_000).IsEmpty);
    }
}
