using System.Diagnostics;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Telemetry;

public sealed class TraceHandoverTests
{
    [Fact]
    public async Task A_run_that_another_process_takes_over_stays_in_its_trace_under_its_new_generation()
    {
        using var trace = new TraceRecorder();
        var store = new MemoryStore();
        var first = new TestEngine(new Agent { Name = "Scout" }, store);
        using var request = trace.Request();
        await first.StartAsync();
        await first.Model.NextCallAsync();
        request.Stop();
        Activity.Current = null;
        await first.DisposeAsync();
        await using var second = first.Successor(new ChannelChatClient().Answer("done"));

        await second.Host.RecoverAsync(Patience.Token);

        var successor = await trace.EndedAsync(span => span.GetTagItem("cluster.run.generation") is 2L);
        var chat = trace.Spans.Last(span => span.DisplayName == "chat model-1");
        Assert.Equal((request.TraceId, request.SpanId), (successor.TraceId, successor.ParentSpanId));
        Assert.Equal((successor.SpanId, "completed"), (chat.ParentSpanId, successor.GetTagItem("cluster.run.status")));
        Assert.Equal("running", trace.Spans.Single(span => span.GetTagItem("cluster.run.generation") is 1L).GetTagItem("cluster.run.status"));
    }

    [Fact]
    public async Task A_run_that_is_continued_stays_in_its_trace_and_is_linked_to_the_request_that_continued_it()
    {
        using var trace = new TraceRecorder();
        var ask = Tool.Create(() => "yes", new ToolOptions { Name = "ask", RequiresConfirmation = true });
        await using var engine = new TestEngine(new Agent { Name = "Scout", Tools = [ask] });
        engine.Model.AnswerWithCall("ask").Answer("done");
        using var request = trace.Request();
        var paused = await engine.RunAsync();
        request.Stop();
        using var continuation = trace.Request();

        await engine.ContinueAsync(paused.RunId, [.. paused.Tools!.Value.Select(tool => tool with { Confirmed = true })]);

        var continued = await trace.EndedAsync(span => span.GetTagItem("cluster.run.status") is "completed");
        Assert.Equal(request.SpanId, continued.ParentSpanId);
        Assert.Equal(continuation.Context, Assert.Single(continued.Links).Context);
    }

    [Fact]
    public async Task A_trace_that_the_request_names_is_not_replaced_by_the_current_one()
    {
        const string Named = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using var trace = new TraceRecorder();
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("done");
        using var request = trace.Request();

        var output = await engine.RunAsync(engine.NewRequest() with { TraceParent = Named });

        Assert.Equal(Named, ((RunAccepted)(await engine.LogAsync(output.RunId))[0]).Request.TraceParent);
    }

    [Fact]
    public async Task A_run_that_nobody_traces_records_no_trace_and_begins_its_own()
    {
        using var trace = new TraceRecorder();
        await using var engine = new TestEngine(new Agent());
        Activity.Current = null;
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();
        var record = (await engine.Store.ReadAsync(runId, Patience.Token))!;
        using var other = trace.Request();
        engine.Model.Answer(call => call.Say("done").End());
        ActivityTraceId? seen = null;
        var owner = new RunOwner(
            engine.Services with { Loop = new WatchingLoop(engine.Loop, () => seen = Activity.Current?.TraceId) }, RunState.From(record.Events) with { Generation = 5 });

        await owner.TurnAsync(new CancellationToken(canceled: false)).Within();

        Assert.Null(((RunAccepted)record.Events[0]).Request.TraceParent);
        Assert.NotNull(seen);
        Assert.NotEqual(other.TraceId, seen);
    }

    /// <summary>Looks around each time that a step is taken.</summary>
    private sealed class WatchingLoop(IRunLoop loop, Action look) : IRunLoop
    {
        public IAsyncEnumerable<RunEvent> StepAsync(RunState state, CancellationToken cancellationToken = default)
        {
            look();
            return loop.StepAsync(state, cancellationToken);
        }
    }
}
