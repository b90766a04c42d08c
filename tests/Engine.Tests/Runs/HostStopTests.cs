using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class HostStopTests
{
    [Fact]
    public async Task Readers_of_working_and_waiting_runs_are_let_go_without_an_end()
    {
        await using var engine = new TestEngine(new Agent());
        var working = await engine.StartAsync("one");
        (await engine.Model.NextCallAsync()).Say("a");
        var queued = await engine.StartAsync("two");
        var readers = new[] { engine.EventsAsync(working), engine.EventsAsync(queued) };

        await engine.Host.StopAsync(Patience.Token);

        Assert.DoesNotContain("RunCompleted", (await readers[0]).Names());
        Assert.Empty(await readers[1]);
    }

    [Fact]
    public async Task A_reader_who_comes_after_the_stop_gets_what_there_is()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();
        await engine.Host.StopAsync(Patience.Token);

        Assert.Equal("RunStarted ModelRequestStarted", (await engine.EventsAsync(runId)).Order());
    }

    [Fact]
    public async Task One_who_waits_is_told_that_the_run_goes_on_after_the_restart()
    {
        await using var engine = new TestEngine(new Agent());
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();
        var waiting = engine.WaitAsync(runId);

        await engine.Host.StopAsync(Patience.Token);

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => waiting);
        Assert.Equal($"The server is stopping; run {runId} goes on after the restart. Look it up by its id then.", refusal.Message);
        Assert.True(refusal.IsForCallers);
    }

    [Fact]
    public async Task A_host_that_hands_over_lets_a_tool_finish_and_begins_nothing_after_it()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource<string>();
        var tool = Tool.Create(Work, new ToolOptions { Name = "work", Effect = ToolEffect.Once });
        await using var engine = new TestEngine(new Agent { Name = "Worker", Tools = [tool] });
        var runId = await engine.StartAsync();
        (await engine.Model.NextCallAsync()).Use("work", id: "call_1").End();
        await asked.Task.WaitAsync(Patience.Token);

        var handingOver = engine.Host.HandOverAsync(Patience.Token);
        var waiting = engine.WaitAsync(runId);
        Assert.False(handingOver.IsCompleted);
        answer.SetResult("done");
        await handingOver;

        Assert.Contains((await engine.Store.ReadAsync(runId, Patience.Token))!.Events, next => next is ToolCallSettled);
        await Assert.ThrowsAsync<UnavailableException>(() => waiting);

        Task<string> Work()
        {
            asked.SetResult();
            return answer.Task;
        }
    }

    [Fact]
    public async Task A_run_that_ended_before_the_stop_keeps_its_outcome()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("done");
        var run = await engine.RunAsync();

        await engine.Host.StopAsync(Patience.Token);

        Assert.Equal("done", (await engine.WaitAsync(run.RunId)).Content?.Text);
    }
}
