using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Contexts;

public sealed class EmergencyCompactionTests
{
    private static readonly string LongResult = string.Join(' ', Enumerable.Repeat("word", 1_000));

    [Fact]
    public async Task A_conversation_that_is_refused_as_too_long_is_summarised_and_sent_again()
    {
        var fallback = new ChannelChatClient();
        await using var engine = NewEngine(new FallbackSettings { OnContextLength = [TestEngine.NewModel(fallback)] });
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer(TooLong).Answer("the file is fine").Answer("found");

        var run = await engine.RunAsync();

        Assert.Equal((RunStatus.Completed, "found"), (run.Status, run.Content?.Text));
        Assert.Contains("the file is fine", engine.Model.Calls[^1].Texts[0], StringComparison.Ordinal);
        Assert.Empty(fallback.Calls);
    }

    [Fact]
    public async Task A_single_result_that_is_too_long_is_cut_until_it_fits()
    {
        await using var engine = NewEngine();
        engine.Model.AnswerWithCall("read").Answer(TooLong).Answer("found");

        var run = await engine.RunAsync();

        var shown = engine.Model.Calls[^1].Texts[^1];
        Assert.Equal("found", run.Content?.Text);
        Assert.InRange(shown.Length, 1_000, LongResult.Length / 3);
        Assert.Contains("characters were taken out to make room", shown, StringComparison.Ordinal);
        Assert.Equal(LongResult, run.Messages!.Value[^2].Content);
    }

    [Fact]
    public async Task A_result_is_cut_when_the_summary_is_refused_too()
    {
        await using var engine = NewEngine();
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer(TooLong).Answer(TooLong).Answer("found");

        var run = await engine.RunAsync();

        Assert.Equal("found", run.Content?.Text);
        Assert.Single(engine.Model.Calls[^1].Texts, text => text.Contains("characters were taken out to make room", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fallbacks_are_asked_when_nothing_can_be_shortened()
    {
        var fallback = new ChannelChatClient().Answer("from the other");
        await using var engine = NewEngine(new FallbackSettings { OnContextLength = [TestEngine.NewModel(fallback)] });
        engine.Model.Answer(TooLong);

        var run = await engine.RunAsync();

        Assert.Equal("from the other", run.Content?.Text);
    }

    [Fact]
    public async Task A_run_that_cannot_be_shortened_enough_ends_with_what_the_provider_said()
    {
        await using var engine = NewEngine();
        engine.Model.AnswerWithCall("read");
        engine.Model.Otherwise = TooLong;

        var run = await engine.RunAsync();

        Assert.Equal((RunStatus.Error, "too long"), (run.Status, run.Content?.Text));
        Assert.InRange(engine.Model.Calls.Count, 3, 10);
    }

    [Fact]
    public async Task It_can_be_turned_off()
    {
        await using var engine = NewEngine(isOn: false);
        engine.Model.AnswerWithCall("read").AnswerWithCall("read").Answer(TooLong);

        var run = await engine.RunAsync();

        Assert.Equal(RunStatus.Error, run.Status);
        Assert.Equal(3, engine.Model.Calls.Count);
    }

    private static void TooLong(ModelCall call) => call.Fail(new ModelException("too long") { Kind = ModelErrorKind.ContextLength });

    private static TestEngine NewEngine(FallbackSettings? fallbacks = null, bool isOn = true) => new(new Agent
    {
        Name = "Reader",
        Tools = [Tool.Create(() => LongResult, new ToolOptions { Name = "read" })],
        Fallbacks = fallbacks ?? FallbackSettings.None,
        Context = new ContextSettings { EmergencyCompaction = isOn },
    });
}
