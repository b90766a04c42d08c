using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Agents;

public sealed class AgentRunExtensionsTests : IDisposable
{
    private readonly ChannelChatClient _model = new();
    private readonly Agent _agent;

    public AgentRunExtensionsTests() => _agent = new Agent { Model = TestEngine.NewModel(_model), History = new HistorySettings { AddToContext = true } };

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task An_agent_runs_without_any_server()
    {
        _model.Answer("hello");

        Assert.Equal("hello", (await _agent.RunAsync("hi", cancellationToken: Patience.Token)).Content?.Text);
    }

    [Fact]
    public async Task An_agent_without_a_model_answers_from_the_built_in_script()
    {
        var run = await new Agent().RunAsync("hi", cancellationToken: Patience.Token);

        Assert.EndsWith("You said: hi", run.Content?.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_goes_on_under_its_session_id_and_begins_anew_without()
    {
        _model.Answer("a").Answer("b").Answer("c");
        await _agent.RunAsync("1", "s", Patience.Token);
        await _agent.RunAsync("2", "s", Patience.Token);
        await _agent.RunAsync("3", cancellationToken: Patience.Token);

        Assert.Equal(["user: 1", "assistant: a", "user: 2"], _model.Calls[1].Texts);
        Assert.Equal(["user: 3"], _model.Calls[2].Texts);
    }

    [Fact]
    public async Task An_agent_that_was_varied_has_sessions_of_its_own()
    {
        _model.Answer("a").Answer("b");
        await _agent.RunAsync("1", "s", Patience.Token);
        await (_agent with { }).RunAsync("2", "s", Patience.Token);

        Assert.Equal(["user: 2"], _model.Calls[1].Texts);
    }

    [Fact]
    public async Task Streaming_and_waiting_share_the_session()
    {
        _model.Answer("a").Answer("b", "c");
        await _agent.RunAsync("1", "s", Patience.Token);

        var events = await _agent.RunStreamingAsync("2", "s", Patience.Token).ToListAsync(Patience.Token);

        Assert.Equal("bc", events.Text());
        Assert.IsType<RunCompleted>(events[^1]);
        Assert.Equal(["user: 1", "assistant: a", "user: 2"], _model.Calls[1].Texts);
    }

    [Fact]
    public async Task Words_are_streamed_while_the_model_speaks()
    {
        await using var events = _agent.RunStreamingAsync("hi", cancellationToken: Patience.Token).OfType<RunContent>().GetAsyncEnumerator(Patience.Token);
        var first = events.MoveNextAsync().AsTask();
        var call = await _model.NextCallAsync();

        call.Say("one");

        Assert.True(await first);
        Assert.Equal("one", events.Current.Content?.Text);
        call.End();
        Assert.False(await events.MoveNextAsync());
    }

    [Fact]
    public async Task One_who_cancels_stops_the_run()
    {
        using var leaving = new CancellationTokenSource();
        var running = _agent.RunAsync("hi", cancellationToken: leaving.Token);
        var call = await _model.NextCallAsync();

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await call.Stopped.Within();
    }

    [Fact]
    public async Task One_who_cancels_a_stream_stops_the_run()
    {
        using var leaving = new CancellationTokenSource();
        var running = _agent.RunStreamingAsync("hi", cancellationToken: leaving.Token).ToListAsync(Patience.Token).AsTask();
        var call = await _model.NextCallAsync();

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await call.Stopped.Within();
    }

    [Fact]
    public async Task A_model_that_fails_is_told_by_the_status()
    {
        _model.Answer(call => call.Fail(new IOException("down")));

        var run = await _agent.RunAsync("hi", cancellationToken: Patience.Token);

        Assert.Equal((RunStatus.Error, "down"), (run.Status, run.Content?.Text));
    }
}
