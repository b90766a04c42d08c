using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Contexts;

public sealed class CompressionTests
{
    private static readonly string LongResult = new('x', 1_000);

    [Fact]
    public async Task Three_results_are_summarised_and_the_model_is_shown_the_summaries()
    {
        var compressor = Summariser();
        await using var engine = new TestEngine(Searcher(new CompressionSettings { Model = TestEngine.NewModel(compressor) }));
        ThreeCalls(engine.Model).Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(3, compressor.Calls.Count);
        Assert.Equal(["tool: short", "tool: short", "tool: short"], engine.Model.Calls[^1].Texts.Where(text => text.StartsWith("tool", StringComparison.Ordinal)));
        Assert.All(Results(run), message => Assert.Equal((LongResult, "short"), (message.Content, message.CompressedContent)));
    }

    [Fact]
    public async Task Two_results_are_shown_as_they_are()
    {
        var compressor = Summariser();
        await using var engine = new TestEngine(Searcher(new CompressionSettings { Model = TestEngine.NewModel(compressor) }));
        engine.Model.Answer(call => call.Use("search", id: "1").Use("search", id: "2").End()).Answer("done");

        await engine.RunAsync();

        Assert.Empty(compressor.Calls);
        Assert.Contains($"tool: {LongResult}", engine.Model.Calls[^1].Texts);
    }

    [Fact]
    public async Task As_many_results_wait_for_their_summary_as_the_agent_says()
    {
        var compressor = Summariser();
        await using var engine = new TestEngine(Searcher(new CompressionSettings { ResultLimit = 2, Model = TestEngine.NewModel(compressor) }));
        engine.Model.Answer(call => call.Use("search", id: "1").Use("search", id: "2").End()).Answer("done");

        await engine.RunAsync();

        Assert.Equal(2, compressor.Calls.Count);
    }

    [Fact]
    public async Task The_compression_model_is_told_the_words_of_the_agent()
    {
        var compressor = Summariser();
        await using var engine = new TestEngine(Searcher(new CompressionSettings { ResultLimit = 1, Model = TestEngine.NewModel(compressor), Prompt = "Names and numbers only." }));
        engine.Model.AnswerWithCall("search").Answer("done");

        await engine.RunAsync();

        Assert.StartsWith("Names and numbers only.", compressor.Calls[0].SystemText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_are_summarised_at_the_same_time()
    {
        var compressor = new ChannelChatClient();
        await using var engine = new TestEngine(Searcher(new CompressionSettings { Model = TestEngine.NewModel(compressor) }));
        ThreeCalls(engine.Model).Answer("done");

        var runId = await engine.StartAsync();
        var calls = new[] { await compressor.NextCallAsync(), await compressor.NextCallAsync(), await compressor.NextCallAsync() };
        foreach (var call in calls)
        {
            call.Say("short").End();
        }

        Assert.Equal(RunStatus.Completed, (await engine.WaitAsync(runId)).Status);
    }

    [Fact]
    public async Task A_token_limit_alone_counts_no_results()
    {
        var compressor = Summariser();
        var settings = new CompressionSettings { TokenLimit = 300, Model = TestEngine.NewModel(compressor) };
        await using var engine = new TestEngine(Searcher(settings, string.Join(' ', Enumerable.Repeat("word", 150))));
        engine.Model.AnswerWithCall("search").AnswerWithCall("search").Answer("done");

        await engine.RunAsync();

        Assert.DoesNotContain("tool: short", engine.Model.Calls[1].Texts);
        Assert.Equal(2, engine.Model.Calls[2].Texts.Count(text => text == "tool: short"));
    }

    [Fact]
    public async Task Clients_are_told_the_numbers_of_the_whole_run()
    {
        await using var engine = new TestEngine(Searcher(new CompressionSettings { ResultLimit = 1, Model = TestEngine.NewModel(Summariser()) }));
        engine.Model.AnswerWithCall("search").AnswerWithCall("search").Answer("done");

        var events = await engine.StreamAsync();

        var (first, second) = events.OfType<CompressionCompleted>().ToArray() is [var one, var two] ? (one, two) : throw new InvalidOperationException(events.Order());
        Assert.Equal((1, 1_000L, 5L), (first.ToolResultsCompressed, first.OriginalSize, first.CompressedSize));
        Assert.Equal((2, 2_000L, 10L), (second.ToolResultsCompressed, second.OriginalSize, second.CompressedSize));
        Assert.Contains("ToolCallCompleted CompressionStarted CompressionCompleted ModelRequestStarted", events.Order(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cost_stands_under_the_compression_model()
    {
        await using var engine = new TestEngine(Searcher(new CompressionSettings { Model = TestEngine.NewModel(Summariser()) }));
        ThreeCalls(engine.Model).Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(300, run.Metrics!.Details![ModelUse.Compression].Single().InputTokens);
    }

    [Fact]
    public async Task A_result_whose_summary_fails_stays_and_is_not_tried_again()
    {
        var compressor = new ChannelChatClient { Otherwise = call => call.Fail(new ModelException("out of order")) };
        await using var engine = new TestEngine(Searcher(new CompressionSettings { ResultLimit = 1, Model = TestEngine.NewModel(compressor) }));
        engine.Model.AnswerWithCall("search").AnswerWithCall("other").Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Single(compressor.Calls, call => call.Input.Contains("tool search", StringComparison.Ordinal));
        Assert.Contains($"tool: {LongResult}", engine.Model.Calls[^1].Texts);
    }

    [Fact]
    public async Task A_summary_that_is_no_shorter_is_not_shown()
    {
        var compressor = new ChannelChatClient { Otherwise = call => call.Say(LongResult, "!").End() };
        await using var engine = new TestEngine(Searcher(new CompressionSettings { ResultLimit = 1, Model = TestEngine.NewModel(compressor) }));
        engine.Model.AnswerWithCall("search").Answer("done");

        var run = await engine.RunAsync();

        Assert.Null(Results(run).Single().CompressedContent);
        Assert.Contains($"tool: {LongResult}", engine.Model.Calls[^1].Texts);
    }

    [Fact]
    public async Task The_next_run_of_the_session_is_shown_the_summaries()
    {
        var agent = Searcher(new CompressionSettings { ResultLimit = 1, Model = TestEngine.NewModel(Summariser()) }) with { History = new HistorySettings { AddToContext = true } };
        await using var engine = new TestEngine(agent);
        engine.Model.AnswerWithCall("search").Answer("done").Answer("again");
        await engine.RunAsync();

        await engine.RunAsync("more");

        Assert.Contains("tool: short", engine.Model.Calls[^1].Texts);
    }

    private static IEnumerable<Message> Results(RunOutput run) => run.Messages!.Value.Where(message => message.Role == MessageRole.Tool);

    private static ChannelChatClient Summariser() => new() { Otherwise = call => call.Say("short").Cost(100, 5).End() };

    private static ChannelChatClient ThreeCalls(ChannelChatClient model) =>
        model.Answer(call => call.Use("search", id: "1").Use("search", id: "2").Use("search", id: "3").Cost(10, 5).End());

    private static Agent Searcher(CompressionSettings settings, string? result = null) => new()
    {
        Name = "Searcher",
        Tools = [Tool.Create(() => result ?? LongResult, new ToolOptions { Name = "search" }), Tool.Create(() => LongResult, new ToolOptions { Name = "other" })],
        Context = new ContextSettings { Compression = settings },
    };
}
