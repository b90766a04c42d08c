using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Telemetry;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Telemetry;

public sealed class TraceTests
{
    private const string Secret = "the-very-words";

    [Fact]
    public async Task Model_and_tool_calls_are_below_their_run_and_the_run_below_the_request_that_asked_for_it()
    {
        using var trace = new TraceRecorder();
        Activity? inModel = null, inTool = null;
        var tool = Tool.Create(
            () =>
            {
                inTool = Activity.Current;
                return "42";
            },
            new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Name = "Scout", Tools = [tool] });
        using var request = trace.Request();
        var runId = await engine.StartAsync();
        request.Stop();

        (await engine.Model.NextCallAsync()).Use("look", id: "call_1").Cost(10, 5).End();
        engine.Model.Answer(call =>
        {
            inModel = Activity.Current;
            call.Say("done").Cost(20, 7).End();
        });
        var run = await trace.EndedAsync("invoke_agent Scout");
        var look = await trace.EndedAsync("execute_tool look");

        var chats = trace.Spans.Where(span => span.DisplayName == "chat model-1").ToArray();
        Assert.Equal(request.SpanId, run.ParentSpanId);
        Assert.Equal([run.SpanId, run.SpanId], chats.Select(chat => chat.ParentSpanId));
        Assert.Equal(run.SpanId, look.ParentSpanId);
        Assert.Equal((chats[1], look), (inModel, inTool));
        Assert.Equal((ActivityKind.Internal, ActivityKind.Client, ActivityKind.Internal), (run.Kind, chats[0].Kind, look.Kind));
        Assert.Equal(runId, run.GetTagItem("cluster.run.id"));
    }

    [Fact]
    public async Task A_run_that_ended_before_its_turn_has_one_span()
    {
        using var trace = new TraceRecorder();
        await using var engine = new TestEngine(new Agent { Name = "Scout" });
        using var request = trace.Request();
        await engine.StartAsync("first");
        var call = await engine.Model.NextCallAsync();
        var second = await engine.StartAsync("second");
        await engine.Host.CancelAsync(second, Patience.Token);

        call.Say("done").End();
        engine.Model.Answer("done too");
        await engine.RunAsync("third");
        await trace.EndedAsync(span => trace.Spans.Count(other => other.DisplayName == "invoke_agent Scout") == 3);

        Assert.Single(trace.Spans, span => span.GetTagItem("cluster.run.id") is string runId && runId == second);
    }

    [Fact]
    public async Task A_model_call_tells_model_tokens_and_the_ids_that_it_belongs_to()
    {
        using var trace = new TraceRecorder();
        await using var engine = new TestEngine(new Agent { Id = "scout", Name = "Scout" });
        using var request = trace.Request();
        var runId = await engine.StartAsync();

        var call = await engine.Model.NextCallAsync();
        call.Write(new ChatResponseUpdate(ChatRole.Assistant, "yes") { ResponseId = "resp-1", ModelId = "model-1-2026", FinishReason = ChatFinishReason.Stop });
        call.Cost(10, 5).End();
        var chat = await trace.EndedAsync("chat model-1");

        var tags = chat.TagObjects.Where(tag => tag.Key is not "gen_ai.response.time_to_first_chunk" and not "gen_ai.response.finish_reasons");
        Assert.Equal(
            [
                "gen_ai.agent.id=scout", "gen_ai.agent.name=Scout", $"gen_ai.conversation.id={TestEngine.SessionId}", "gen_ai.operation.name=chat",
                "gen_ai.provider.name=tester", "gen_ai.request.model=model-1", "gen_ai.request.stream=True", "gen_ai.response.id=resp-1",
                "gen_ai.response.model=model-1-2026", "gen_ai.usage.input_tokens=10", "gen_ai.usage.output_tokens=5", $"cluster.run.id={runId}",
            ],
            tags.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal).OrderBy(tag => tag.StartsWith("cluster", StringComparison.Ordinal)));
        Assert.Equal(["stop"], (string[])chat.GetTagItem("gen_ai.response.finish_reasons")!);
        Assert.True((double)chat.GetTagItem("gen_ai.response.time_to_first_chunk")! >= 0);
    }

    [Fact]
    public async Task What_a_client_does_between_words_is_below_the_model_call()
    {
        using var trace = new TraceRecorder();
        using var client = new WatchingChatClient();
        await using var engine = new TestEngine(new Agent { Name = "Scout", Model = ModelSource.From(client) });
        using var request = trace.Request();

        await engine.StartAsync();

        await trace.EndedAsync("invoke_agent Scout");
        var chat = trace.Spans.Single(span => span.DisplayName.StartsWith("chat", StringComparison.Ordinal));
        Assert.Equal([chat, chat, chat], client.Seen);
    }

    [Fact]
    public async Task A_run_and_a_tool_call_tell_who_they_are()
    {
        using var trace = new TraceRecorder();
        await using var engine = new TestEngine(new Agent { Id = "scout", Name = "Scout", Tools = [Tool.Create(() => "42", new ToolOptions { Name = "look" })] });
        engine.Model.AnswerWithCall("look", id: "call_1").Answer("done");
        using var request = trace.Request();

        var runId = await engine.StartAsync();

        var run = await trace.EndedAsync("invoke_agent Scout");
        var look = trace.Spans.Single(span => span.DisplayName == "execute_tool look");
        Assert.Equal(("invoke_agent", "scout", "Scout"), (run.GetTagItem("gen_ai.operation.name"), run.GetTagItem("gen_ai.agent.id"), run.GetTagItem("gen_ai.agent.name")));
        Assert.Equal((TestEngine.SessionId, 1L, "completed"), (run.GetTagItem("gen_ai.conversation.id"), run.GetTagItem("cluster.run.generation"), run.GetTagItem("cluster.run.status")));
        Assert.Equal(("execute_tool", "look", "call_1"), (look.GetTagItem("gen_ai.operation.name"), look.GetTagItem("gen_ai.tool.name"), look.GetTagItem("gen_ai.tool.call.id")));
        Assert.Equal(("function", runId), (look.GetTagItem("gen_ai.tool.type"), look.GetTagItem("cluster.run.id")));
    }

    [Fact]
    public async Task Nothing_that_was_said_is_told_unless_it_is_switched_on()
    {
        var spans = await RunWithSecretAsync(capturesContent: false);

        Assert.Equal(4, spans.Count);
        Assert.DoesNotContain(spans.SelectMany(span => span.TagObjects), tag => tag.Value?.ToString()?.Contains(Secret, StringComparison.Ordinal) == true);
        Assert.DoesNotContain(spans, span => span.StatusDescription is not null || span.Events.Any());
    }

    [Fact]
    public async Task What_was_said_is_told_when_it_is_switched_on()
    {
        var spans = await RunWithSecretAsync(capturesContent: true);

        var chats = spans.Where(span => span.DisplayName == "chat model-1").ToArray();
        var look = spans.Single(span => span.DisplayName == "execute_tool look");
        Assert.Equal($$$"""{"word":"{{{Secret}}} argument"}""", look.GetTagItem("gen_ai.tool.call.arguments"));
        Assert.Equal($"{Secret} result", look.GetTagItem("gen_ai.tool.call.result"));
        Assert.Equal(
            $$$"""[{"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"look","arguments":{"word":"{{{Secret}}} argument"}}]}]""",
            chats[0].GetTagItem("gen_ai.output.messages"));
        Assert.Equal(
            $$$"""
            [{"role":"system","parts":[{"type":"text","content":"{{{Secret}}} instructions"}]},{"role":"user","parts":[{"type":"text","content":"{{{Secret}}} input"}]},
            {"role":"assistant","parts":[{"type":"tool_call","id":"call_1","name":"look","arguments":{"word":"{{{Secret}}} argument"}}]},
            {"role":"tool","parts":[{"type":"tool_call_response","id":"call_1","response":"{{{Secret}}} result"}]}]
            """.ReplaceLineEndings(string.Empty),
            chats[1].GetTagItem("gen_ai.input.messages"));
        Assert.Equal($$$"""[{"role":"assistant","parts":[{"type":"text","content":"{{{Secret}}} answer"}]}]""", chats[1].GetTagItem("gen_ai.output.messages"));
    }

    [Fact]
    public async Task A_model_that_fails_marks_its_call_and_its_run_with_the_kind_of_failure()
    {
        using var trace = new TraceRecorder();
        await using var engine = new TestEngine(new Agent { Name = "Scout" });
        engine.Model.Answer(call => call.Fail(new ModelException("bad key " + Secret) { ErrorType = ModelException.AuthenticationError, StatusCode = 401 }));
        using var request = trace.Request();

        await engine.StartAsync();

        var run = await trace.EndedAsync("invoke_agent Scout");
        var chat = trace.Spans.Single(span => span.DisplayName == "chat model-1");
        Assert.Equal((ActivityStatusCode.Error, "model_authentication_error", 401), (chat.Status, chat.GetTagItem("error.type"), chat.GetTagItem("http.response.status_code")));
        Assert.Equal((ActivityStatusCode.Error, "model_authentication_error", "error"), (run.Status, run.GetTagItem("error.type"), run.GetTagItem("cluster.run.status")));
    }

    [Fact]
    public async Task A_tool_that_fails_marks_its_call_but_not_the_run_that_goes_on()
    {
        using var trace = new TraceRecorder();
        var tool = Tool.Create(string () => throw new TimeoutException(Secret), new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Name = "Scout", Tools = [tool] });
        engine.Model.AnswerWithCall("look").Answer("done");
        using var request = trace.Request();

        await engine.StartAsync();

        var run = await trace.EndedAsync("invoke_agent Scout");
        var look = trace.Spans.Single(span => span.DisplayName == "execute_tool look");
        Assert.Equal((ActivityStatusCode.Error, "System.TimeoutException"), (look.Status, look.GetTagItem("error.type")));
        Assert.Equal((ActivityStatusCode.Unset, null), (run.Status, run.GetTagItem("error.type")));
    }

    [Fact]
    public async Task A_model_call_that_is_stopped_is_marked_as_cancelled()
    {
        using var trace = new TraceRecorder();
        await using var engine = new TestEngine(new Agent { Name = "Scout" });
        using var request = trace.Request();
        var runId = await engine.StartAsync();
        await engine.Model.NextCallAsync();

        await engine.Host.CancelAsync(runId, Patience.Token);

        var run = await trace.EndedAsync("invoke_agent Scout");
        Assert.Equal("cancelled", trace.Spans.Single(span => span.DisplayName == "chat model-1").GetTagItem("error.type"));
        Assert.Equal((ActivityStatusCode.Unset, "cancelled"), (run.Status, run.GetTagItem("cluster.run.status")));
    }

    private static async Task<IReadOnlyList<Activity>> RunWithSecretAsync(bool capturesContent)
    {
        using var trace = new TraceRecorder();
        var tool = Tool.Create((string word) => $"{Secret} result", new ToolOptions { Name = "look", Description = Secret });
        var agent = new Agent { Name = "Scout", Instructions = $"{Secret} instructions", Tools = [tool] };
        await using var engine = new TestEngine(agent, configure: services => services with { Telemetry = new TelemetryOptions { CaptureContent = capturesContent } });
        engine.Model.AnswerWithCall("look", new { word = $"{Secret} argument" }, "call_1").Answer($"{Secret} answer");
        using var request = trace.Request();
        await engine.StartAsync($"{Secret} input");
        await trace.EndedAsync("invoke_agent Scout");
        return trace.Spans;
    }

    /// <summary>Says two words and remembers what was current before each and at the end.</summary>
    private sealed class WatchingChatClient : IChatClient
    {
        public List<Activity?> Seen { get; } = [];

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("The loop streams.");

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Seen.Add(Activity.Current);
            yield return new ChatResponseUpdate(ChatRole.Assistant, "one ");
            Seen.Add(Activity.Current);
            yield return new ChatResponseUpdate(ChatRole.Assistant, "two");
            await Task.Yield();
            Seen.Add(Activity.Current);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
