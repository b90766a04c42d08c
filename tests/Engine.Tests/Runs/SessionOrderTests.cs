using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class SessionOrderTests
{
    private static readonly Agent WithHistory = new() { History = new HistorySettings { AddToContext = true, Runs = 100 } };

    [Fact]
    public async Task Two_runs_that_arrive_together_work_one_after_the_other_and_the_second_sees_the_first()
    {
        await using var engine = new TestEngine(WithHistory);

        var started = await Task.WhenAll(engine.StartAsync("one"), engine.StartAsync("two"));
        var first = await engine.Model.NextCallAsync();
        first.Say("answer").End();
        var second = await engine.Model.NextCallAsync();
        second.Say("done").End();
        await Task.WhenAll(started.Select(engine.WaitAsync));

        Assert.Equal([$"user: {first.Input}"], first.Texts);
        Assert.Equal([$"user: {first.Input}", "assistant: answer", $"user: {second.Input}"], second.Texts);
        Assert.NotEqual(first.Input, second.Input);
    }

    [Fact]
    public async Task The_second_run_of_a_session_waits_until_the_first_has_ended()
    {
        await using var engine = new TestEngine(new Agent());
        var first = await engine.StartAsync("one");
        var call = await engine.Model.NextCallAsync();

        var second = await engine.StartAsync("two");

        Assert.Equal(RunStatus.Pending, (await engine.Host.FindAsync(second, Patience.Token))!.Output.Status);
        Assert.Single(engine.Model.Calls);
        call.End();
        (await engine.Model.NextCallAsync()).End();
        Assert.Equal(RunStatus.Completed, (await engine.WaitAsync(first)).Status);
        Assert.Equal(RunStatus.Completed, (await engine.WaitAsync(second)).Status);
    }

    [Fact]
    public async Task Sessions_do_not_wait_for_each_other()
    {
        await using var engine = new TestEngine(new Agent());
        await engine.StartAsync("one", "a");
        await engine.Model.NextCallAsync();

        var other = await engine.StartAsync("two", "b");
        (await engine.Model.NextCallAsync()).End();

        Assert.Equal(RunStatus.Completed, (await engine.WaitAsync(other)).Status);
    }

    [Fact]
    public async Task Two_hundred_runs_over_twenty_sessions_lose_none_and_keep_their_order_and_history()
    {
        await using var engine = new TestEngine(WithHistory);
        engine.Model.Otherwise = call => call.Say($"re {call.Input}").End();

        var runs = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => engine.RunAsync($"m{i}", $"s{i % 20}"))));

        Assert.All(runs, run => Assert.Equal(RunStatus.Completed, run.Status));
        for (var session = 0; session < 20; session++)
        {
            var records = await engine.Store.ListAsync(new RunQuery($"s{session}"), Patience.Token);
            Assert.Equal(10, records.Length);
            Assert.Equal(records.Select(record => record.Sequence).Order(), records.Select(record => record.Sequence));
            var inputs = records.Select(record => record.Output.Input!.InputContent.Text!).ToArray();
            var last = Assert.Single(engine.Model.Calls, call => call.Input == inputs[^1]);
            Assert.Equal([.. inputs[..^1].SelectMany(input => new[] { $"user: {input}", $"assistant: re {input}" }), $"user: {inputs[^1]}"], last.Texts);
        }
    }

    [Fact]
    public async Task A_run_that_must_not_wait_is_refused_while_the_session_is_busy()
    {
        await using var engine = new TestEngine(new Agent());
        await engine.StartAsync();
        var call = await engine.Model.NextCallAsync();

        var refused = engine.NewRequest() with { WhenBusy = WhenBusy.Reject };
        await Assert.ThrowsAsync<ConflictException>(() => engine.Host.StartAsync(refused, Patience.Token));

        Assert.Null(await engine.Host.FindAsync(refused.RunId, Patience.Token));
        call.End();
    }

    [Fact]
    public async Task A_run_that_must_not_wait_works_in_an_idle_session()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("a").Answer("b");
        await engine.RunAsync();

        var run = await engine.RunAsync(engine.NewRequest() with { WhenBusy = WhenBusy.Reject });

        Assert.Equal("b", run.Content?.Text);
    }

    [Fact]
    public async Task A_run_that_interrupts_cancels_the_runs_ahead_of_it()
    {
        await using var engine = new TestEngine(new Agent());
        var first = await engine.StartAsync("one");
        (await engine.Model.NextCallAsync()).Say("par");
        var second = await engine.StartAsync("two");

        var third = await engine.Host.StartAsync(engine.NewRequest("three") with { WhenBusy = WhenBusy.Interrupt }, Patience.Token);
        (await engine.Model.NextCallAsync()).Say("mine").End();

        Assert.Equal("mine", (await engine.WaitAsync(third)).Content?.Text);
        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(first)).Status);
        Assert.Equal(RunStatus.Cancelled, (await engine.WaitAsync(second)).Status);
    }

    [Fact]
    public async Task A_refused_run_interrupts_nobody()
    {
        await using var engine = new TestEngine(new Agent());
        var run = await engine.Host.StartAsync(engine.NewRequest() with { UserId = "ann" }, Patience.Token);
        var call = await engine.Model.NextCallAsync();

        var intruder = engine.NewRequest() with { UserId = "bob", WhenBusy = WhenBusy.Interrupt };
        await Assert.ThrowsAsync<ForbiddenException>(() => engine.Host.StartAsync(intruder, Patience.Token));

        call.Say("still here").End();
        Assert.Equal("still here", (await engine.WaitAsync(run)).Content?.Text);
    }

    [Theory]
    [InlineData(WhenBusy.Queue)]
    [InlineData(WhenBusy.Reject)]
    [InlineData(WhenBusy.Interrupt)]
    public async Task A_repeated_request_finds_its_run_at_work_and_leaves_it_alone(WhenBusy whenBusy)
    {
        await using var engine = new TestEngine(new Agent());
        var request = engine.NewRequest() with { IdempotencyKey = "key", WhenBusy = whenBusy };
        var first = await engine.Host.StartAsync(request, Patience.Token);
        var call = await engine.Model.NextCallAsync();

        var second = await engine.Host.StartAsync(request with { RunId = Guid.NewGuid().ToString() }, Patience.Token);
        call.Say("once").End();

        Assert.Equal(first, second);
        Assert.Equal("once", (await engine.WaitAsync(second)).Content?.Text);
        Assert.Single(engine.Model.Calls);
    }

    [Fact]
    public async Task A_repeated_request_finds_a_run_that_has_ended()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("once");
        var request = engine.NewRequest() with { IdempotencyKey = "key" };
        var first = await engine.RunAsync(request);

        var second = await engine.RunAsync(request with { RunId = Guid.NewGuid().ToString(), SessionId = "other" });

        Assert.Equal(first.RunId, second.RunId);
        Assert.Single(engine.Model.Calls);
    }

    [Fact]
    public async Task The_same_key_of_another_user_is_another_request()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("a").Answer("b");

        var ann = await engine.RunAsync(engine.NewRequest(sessionId: "a") with { IdempotencyKey = "key", UserId = "ann" });
        var bob = await engine.RunAsync(engine.NewRequest(sessionId: "b") with { IdempotencyKey = "key", UserId = "bob" });

        Assert.NotEqual(ann.RunId, bob.RunId);
    }

    [Fact]
    public async Task A_run_that_breaks_down_does_not_hold_up_the_next_one_in_its_session()
    {
        var breaks = true;
        await using var engine = new TestEngine(new Agent
        {
            Instructions = new Instructions { Compute = (_, _) => breaks ? throw new InvalidRequestException("No instructions today.") : new([]) },
        });
        engine.Model.Answer("fine");

        var broken = await engine.RunAsync();
        breaks = false;
        var next = await engine.RunAsync();

        Assert.Equal(RunStatus.Error, broken.Status);
        Assert.Equal("fine", next.Content?.Text);
    }

    [Fact]
    public async Task A_paused_run_does_not_hold_up_the_session()
    {
        var tool = Tool.Create(() => "x", new ToolOptions { Name = "ask", RequiresConfirmation = true });
        await using var engine = new TestEngine(new Agent { Tools = [tool] });
        engine.Model.AnswerWithCall("ask").Answer("other");

        var paused = await engine.RunAsync();
        var other = await engine.RunAsync();

        Assert.Equal(RunStatus.Paused, paused.Status);
        Assert.Equal("other", other.Content?.Text);
    }
}
