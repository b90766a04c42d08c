using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Agents;

public sealed class ModelTurnTests
{
    [Fact]
    public async Task A_model_that_fails_ends_the_run_with_its_message_and_the_type()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer(call => call.Say("par").Fail(new ModelException("No such key.") { ErrorType = ModelException.AuthenticationError }));

        var events = await engine.StreamAsync();

        Assert.Equal("RunStarted ModelRequestStarted RunContent RunError", events.Order());
        var error = (RunError)events[^1];
        Assert.Equal("No such key.", error.Content);
        Assert.Equal("model_authentication_error", error.ErrorType);
        var record = (await engine.Host.FindAsync(error.RunId!, Patience.Token))!.Output;
        Assert.Equal(RunStatus.Error, record.Status);
        Assert.Equal("No such key.", record.Content?.Text);
    }

    [Fact]
    public async Task Any_other_failure_of_a_model_is_one_of_the_provider()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer(call => call.Fail(new TaskCanceledException("It timed out.")));

        var error = (RunError)(await engine.StreamAsync())[^1];

        Assert.Equal(("It timed out.", "model_provider_error"), (error.Content, error.ErrorType));
    }

    [Fact]
    public async Task A_model_that_cannot_be_made_refuses_the_run()
    {
        await using var engine = new TestEngine(new Agent { Model = "nobody:knows" });

        await Assert.ThrowsAsync<Errors.InvalidRequestException>(() => engine.StartAsync());
    }

    [Fact]
    public async Task A_failed_attempt_is_repeated_after_a_pause_and_begins_anew()
    {
        var time = new ManualTime();
        await using var engine = new TestEngine(new Agent { Retry = new RetrySettings { Retries = 1, Delay = TimeSpan.FromSeconds(7) } }, time: time);
        engine.Model.Answer(call => call.Say("wrong").Fail(new IOException("down"))).Answer("right");
        var runId = await engine.StartAsync();

        Assert.Equal(TimeSpan.FromSeconds(7), await time.NextWaitAsync());
        time.Advance(TimeSpan.FromSeconds(7));
        var events = await engine.EventsAsync(runId);

        Assert.Equal(
            "RunStarted ModelRequestStarted RunContent RunStarted ModelRequestStarted RunContent ModelRequestCompleted RunContentCompleted RunCompleted", events.Order());
        Assert.Equal("right", ((RunCompleted)events[^1]).Content?.Text);
        Assert.Equal(["user: hi"], engine.Model.Calls[1].Texts);
    }

    [Fact]
    public async Task The_pause_doubles_when_the_agent_wants_it_and_the_last_failure_ends_the_run()
    {
        var time = new ManualTime();
        await using var engine = new TestEngine(new Agent { Retry = new RetrySettings { Retries = 3, ExponentialBackoff = true } }, time: time);
        engine.Model.Otherwise = call => call.Fail(new IOException("still down"));
        var runId = await engine.StartAsync();

        foreach (var seconds in new[] { 1, 2, 4 })
        {
            Assert.Equal(TimeSpan.FromSeconds(seconds), await time.NextWaitAsync());
            time.Advance(TimeSpan.FromSeconds(seconds));
        }

        var run = await engine.WaitAsync(runId);
        Assert.Equal(RunStatus.Error, run.Status);
        Assert.Equal("still down", run.Content?.Text);
        Assert.Equal(4, engine.Model.Calls.Count);
    }

    [Fact]
    public async Task A_run_that_waits_for_its_next_attempt_can_be_cancelled()
    {
        var time = new ManualTime();
        await using var engine = new TestEngine(new Agent { Retry = new RetrySettings { Retries = 1 } }, time: time);
        engine.Model.Answer(call => call.Fail(new IOException("down")));
        var runId = await engine.StartAsync();
        await time.NextWaitAsync();

        await engine.Host.CancelAsync(runId, Patience.Token);

        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(runId)).Status);
    }

    [Fact]
    public async Task Tools_that_have_worked_are_not_called_again_by_a_retry()
    {
        var calls = 0;
        var tool = Tool.Create(() => ++calls, new ToolOptions { Name = "work" });
        await using var engine = new TestEngine(new Agent { Tools = [tool], Retry = new RetrySettings { Retries = 1, Delay = TimeSpan.Zero } });
        engine.Model.AnswerWithCall("work").Answer(call => call.Fail(new IOException("down"))).Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal("done", run.Content?.Text);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Thoughts_go_back_to_the_model_with_the_calls_they_led_to_also_in_the_next_run()
    {
        var agent = new Agent { Tools = [Tool.Create(() => "seen", new ToolOptions { Name = "look" })], History = new HistorySettings { AddToContext = true } };
        await using var engine = new TestEngine(agent);
        engine.Model.Answer(call => call.Think("I should ").Think("look.").Say("Wait.").Use("look", id: "c1").End()).Answer(call => call.Think("Done.").Say("done").End()).Answer("again");

        await engine.RunAsync();
        await engine.RunAsync();

        var sent = engine.Model.Calls[1].Messages[^2].Contents;
        Assert.Equal([typeof(TextReasoningContent), typeof(TextContent), typeof(FunctionCallContent)], sent.Select(content => content.GetType()));
        Assert.Equal("I should look.", ((TextReasoningContent)sent[0]).Text);

        // What led to no call is of no use to the next run.
        Assert.Equal(["I should look."], engine.Model.Calls[2].Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Select(thought => thought.Text));
    }

    [Fact]
    public async Task Reasoning_is_streamed_apart_from_the_answer_and_kept()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer(call => call.Think("First ").Think("this.").Say("So that.").End());

        var events = await engine.StreamAsync();

        var deltas = events.OfType<RunContent>().ToArray();
        Assert.Equal(["First ", "this.", ""], deltas.Select(delta => delta.ReasoningContent));
        Assert.Equal([null, null, "So that."], deltas.Select(delta => delta.Content?.Text));
        var completed = (RunCompleted)events[^1];
        Assert.Equal(("First this.", "So that."), (completed.ReasoningContent, completed.Content?.Text));
    }

    [Fact]
    public async Task Costs_are_told_per_call_and_summed_over_run_and_session()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Tool.Create(() => 1, new ToolOptions { Name = "work" })] });
        engine.Model.Answer(call => call.Use("work").Cost(3, 4).Cost(10, 20).End()).Answer(call => call.Say("done").Cost(100, 200).End()).Answer(call => call.Cost(1_000, 2_000).End());

        var events = await engine.StreamAsync();
        await engine.RunAsync();

        Assert.Equal([(13L, 24L, 37L), (100L, 200L, 300L)], events.OfType<ModelRequestCompleted>().Select(call => (call.InputTokens, call.OutputTokens, call.TotalTokens)));
        var metrics = ((RunCompleted)events[^1]).Metrics!;
        Assert.Equal((113, 224, 337), (metrics.InputTokens, metrics.OutputTokens, metrics.TotalTokens));
        Assert.Equal(("model-1", "Tester", 337L), Details(metrics));
        var session = (await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token))!.Metrics!;
        Assert.Equal(3_337, session.TotalTokens);
        Assert.Equal(("model-1", "Tester", 3_337L), Details(session));
        Assert.Null(session.Duration);
    }

    [Fact]
    public async Task The_time_to_the_first_token_and_the_duration_are_measured()
    {
        var time = new ManualTime();
        await using var engine = new TestEngine(new Agent(), time: time);
        var runId = await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();
        time.Advance(TimeSpan.FromSeconds(2));
        call.Say("a");
        await engine.Host.ReadEventsAsync(runId, afterIndex: 1, Patience.Token).FirstAsync(Patience.Token);
        time.Advance(TimeSpan.FromSeconds(3));
        call.End();

        var run = await engine.WaitAsync(runId);

        Assert.Equal((2d, 5d), (run.Metrics!.TimeToFirstToken, run.Metrics.Duration));
    }

    [Fact]
    public async Task Media_of_the_input_reach_the_model_with_their_kind()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("seen");

        await engine.RunAsync(engine.NewRequest() with
        {
            Input = new RunInput
            {
                InputContent = "look",
                Images = [new Media { Url = "https://example.org/a" }, new Media { Content = "AQID", Format = "png" }],
                Audios = [new Media { Content = "AQID", Format = "wav" }],
                Videos = [new Media { Url = "https://example.org/v", MimeType = "video/mp4" }],
                Files = [new Media { Content = "plain", MimeType = "text/plain", Filename = "a.txt" }, new Media { Content = "AQID", MimeType = "application/pdf", Filename = "b.pdf" }],
            },
        });

        var contents = engine.Model.Calls[0].Messages[^1].Contents;
        Assert.Equal(
            ["image/*", "image/png", "audio/wav", "video/mp4", "application/pdf"],
            contents.Select(content => content is UriContent uri ? uri.MediaType : (content as DataContent)?.MediaType).OfType<string>());
        Assert.Equal("b.pdf", contents.OfType<DataContent>().Last().Name);
        Assert.Equal([1, 2, 3], contents.OfType<DataContent>().Last().Data.ToArray());
        Assert.Contains("a.txt\nplain", contents.OfType<TextContent>().Select(text => text.Text));
    }

    [Fact]
    public async Task The_options_of_the_agent_reach_the_model()
    {
        await using var engine = new TestEngine(new Agent
        {
            ModelOptions = new ChatOptions { Temperature = 0.5f },
            Tools = [Tool.Create((string at) => at, new ToolOptions { Name = "look", Description = "Looks." })],
            ToolCalls = new ToolCallSettings { Choice = "look" },
        });
        engine.Model.Answer("ok");

        await engine.RunAsync();

        var options = engine.Model.Calls[0].Options;
        Assert.Equal((0.5f, "model-1"), (options.Temperature, options.ModelId));
        Assert.Equal(ChatToolMode.RequireSpecific("look"), options.ToolMode);
        Assert.Equal(("look", "Looks."), (options.Tools![0].Name, options.Tools[0].Description));
        Assert.IsNotAssignableFrom<AIFunction>(options.Tools[0]);
    }

    private static (string Id, string Provider, long Total) Details(RunMetrics metrics)
    {
        var model = Assert.Single(Assert.Single(metrics.Details!).Value);
        return (model.Id, model.Provider, model.TotalTokens);
    }
}
