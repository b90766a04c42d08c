using System.Text.RegularExpressions;
using Cluster.Engine.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests;

public sealed partial class StreamTests
{
    private const string Echo = "/agents/echo-agent/runs";
    private const string Base = "\"agent_id\":\"echo-agent\",\"agent_name\":\"Echo Agent\",\"run_id\":\"<id>\",\"session_id\":\"s1\",\"nested_depth\":0";

    [Fact]
    public async Task A_stream_is_made_of_the_recorded_frames_and_an_id_line_each()
    {
        await using var api = await TestApi.StartAsync();

        var stream = await api.PostAsync(Echo, ("message", "Hi"), ("session_id", "s1"));

        Assert.Equal(
            "200 event: RunStarted\n"
            + $$"""data: {"created_at":1795160377,"event":"RunStarted",{{Base}},"model":"scripted-1","model_provider":"Scripted"}""" + "\nid: 0\n\n"
            + "event: ModelRequestStarted\n"
            + $$"""data: {"created_at":1795160377,"event":"ModelRequestStarted",{{Base}},"model":"scripted-1","model_provider":"Scripted"}""" + "\nid: 1\n\n"
            + "event: RunContent\n"
            + $$"""data: {"created_at":1795160377,"event":"RunContent",{{Base}},"content":"Hello from","workflow_agent":false,"content_type":"str","reasoning_content":""}""" + "\nid: 2\n\n"
            + "event: RunContent\n"
            + $$"""data: {"created_at":1795160377,"event":"RunContent",{{Base}},"content":" the model","workflow_agent":false,"content_type":"str","reasoning_content":""}""" + "\nid: 3\n\n"
            + "event: ModelRequestCompleted\n"
            + $$"""data: {"created_at":1795160377,"event":"ModelRequestCompleted",{{Base}},"model":"scripted-1","model_provider":"Scripted","input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0,"reasoning_tokens":0,"cache_read_tokens":0,"cache_write_tokens":0}""" + "\nid: 4\n\n"
            + "event: RunContentCompleted\n"
            + $$"""data: {"created_at":1795160377,"event":"RunContentCompleted",{{Base}}}""" + "\nid: 5\n\n"
            + "event: RunCompleted\n"
            + $$$$"""data: {"created_at":1795160377,"event":"RunCompleted",{{{{Base}}}},"content":"Hello from the model","content_type":"str","session_state":{},"metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0,"duration":0,"details":{"model":[{"input_tokens":10,"output_tokens":5,"total_tokens":15,"id":"scripted-1","provider":"Scripted"}]}}}""" + "\nid: 6\n\n",
            stream);
    }

    [Fact]
    public async Task Only_the_events_of_background_streams_carry_their_index()
    {
        await using var api = await TestApi.StartAsync();

        var stream = await api.PostAsync(Echo, ("message", "Hi"), ("session_id", "s1"), ("background", "true"));

        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], Index().Matches(stream).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task The_short_view_holds_the_answer_only()
    {
        await using var api = await TestApi.StartAsync();

        var stream = await api.PostAsync(Echo, ("message", "Hi"), ("stream_events", "False"));

        Assert.Equal(["RunContent", "RunContent"], Names(stream));
    }

    [Fact]
    public async Task Text_of_any_script_is_sent_as_it_is()
    {
        await using var api = await TestApi.StartAsync(services => services.AddAgent(TestApi.Scripted("any", "Any", new Script { Text = "héllo 世界 😀 <&>\u2028", Deltas = 1 })));

        var stream = await api.PostAsync("/agents/any/runs", ("message", "Hi"), ("stream_events", "false"));

        Assert.Contains("\"content\":\"héllo 世界 😀 <&>\u2028\"", stream, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_word_is_sent_while_the_model_still_speaks()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent));
        using var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("stream_events", "false"));

        model.Say("Hel");
        Assert.Contains("\"content\":\"Hel\"", await stream.NextAsync(), StringComparison.Ordinal);
        model.Say("lo");
        Assert.Contains("\"content\":\"lo\"", await stream.NextAsync(), StringComparison.Ordinal);
        model.Finish();
        Assert.Null(await stream.NextAsync());
    }

    [Fact]
    public async Task A_stream_over_the_network_is_the_same_as_in_memory()
    {
        await using var network = await TestApi.StartOnNetworkAsync();
        await using var memory = await TestApi.StartAsync();

        var streamed = await network.PostAsync(Echo, ("message", "Hi"), ("session_id", "s1"));

        Assert.Equal(await memory.PostAsync(Echo, ("message", "Hi"), ("session_id", "s1")), streamed);
        using var head = new HttpRequestMessage(HttpMethod.Head, "/health");
        using var refused = await network.Client.SendAsync(head, TestApi.Stop);
        Assert.Equal(31, refused.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_reader_that_leaves_stops_nothing()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent));
        string runId;
        using (var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("session_id", "s1")))
        {
            runId = LiveStream.RunIdOf((await stream.NextAsync())!);
            model.Say("Hel");
            await stream.UntilAsync("Hel");
        }

        model.Say("lo");
        model.Finish();
        using var resumed = await LiveStream.PostAsync(api, $"/agents/spoken/runs/{runId}/resume", ("session_id", "s1"));
        var last = (await resumed.RestAsync())[^1];

        Assert.Contains("\"event\":\"RunCompleted\"", last, StringComparison.Ordinal);
        Assert.Contains("\"content\":\"Hello\"", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_run_ends_with_two_events_in_the_short_view_too()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent));
        using var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("session_id", "s1"), ("stream_events", "false"));
        model.Say("partial");
        var runId = LiveStream.RunIdOf(await stream.UntilAsync("partial"));

        await api.SendAsync(HttpMethod.Post, $"/agents/spoken/runs/{runId}/cancel?session_id=s1");
        var rest = await stream.RestAsync();

        Assert.Equal(["RunCancelled", "RunCompleted"], Names(string.Join('\n', rest)));
        Assert.Contains($"\"content\":\"partial\",\"reason\":\"Run {runId} was cancelled\"", rest[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_stream_sends_comments()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent), os => os.Heartbeat = TimeSpan.FromSeconds(1));
        using var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"));

        Assert.Equal(": heartbeat", await stream.UntilAsync("heartbeat"));
        model.Say("Hello");
        Assert.Contains("\"content\":\"Hello\"", await stream.UntilAsync("RunContent"), StringComparison.Ordinal);
        model.Finish();
    }

    [Fact]
    public async Task A_finished_run_is_replayed_after_the_last_event_that_was_seen()
    {
        await using var api = await TestApi.StartAsync();
        using var stream = await LiveStream.PostAsync(api, Echo, ("message", "Hi"), ("session_id", "s1"), ("background", "true"));
        var frames = await stream.RestAsync();
        var runId = LiveStream.RunIdOf(frames[0]);

        using var resumed = await LiveStream.PostAsync(api, $"{Echo}/{runId}/resume", ("session_id", "s1"), ("last_event_index", "2"));
        var replayed = await resumed.RestAsync();

        Assert.Equal(
            "event: replay\ndata: {\"event\": \"replay\", \"run_id\": \"" + runId + "\", \"status\": \"COMPLETED\", \"total_events\": 4, \"total_buffered\": 7, \"last_event_index_requested\": 2, \"message\": \"Run COMPLETED. Replaying 4 missed events (of 7 total).\"}",
            replayed[0]);
        Assert.Equal(frames.Skip(3), replayed.Skip(1));
    }

    [Fact]
    public async Task A_browser_resumes_by_the_header_it_sends_by_itself()
    {
        await using var api = await TestApi.StartAsync();
        using var stream = await LiveStream.PostAsync(api, Echo, ("message", "Hi"));
        var runId = LiveStream.RunIdOf((await stream.RestAsync())[0]);

        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Echo}/{runId}/resume") { Headers = { { "Last-Event-ID", "5" } } };
        using var response = await api.Client.SendAsync(request, TestApi.Stop);

        Assert.Equal(["replay", "RunCompleted"], Names(await response.Content.ReadAsStringAsync(TestApi.Stop)));
    }

    [Fact]
    public async Task A_live_run_is_caught_up_with_and_followed_without_a_gap()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => services.AddAgent(model.Agent));
        using var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("session_id", "s1"), ("background", "true"));
        var runId = LiveStream.RunIdOf((await stream.NextAsync())!);
        model.Say("Hel");
        await stream.UntilAsync("Hel");

        using var late = await LiveStream.PostAsync(api, $"/agents/spoken/runs/{runId}/resume", ("session_id", "s1"));
        var caughtUp = await late.NextAsync();
        model.Say("lo");
        model.Finish();
        var rest = await late.RestAsync();

        Assert.Equal("event: catch_up\ndata: {\"event\": \"catch_up\", \"run_id\": \"" + runId + "\", \"status\": \"running\", \"missed_events\": 3, \"current_event_count\": 3, \"message\": \"Catching up on 3 missed events.\"}", caughtUp);
        Assert.Equal("event: subscribed\ndata: {\"event\": \"subscribed\", \"run_id\": \"" + runId + "\", \"status\": \"running\", \"current_event_count\": 3, \"message\": \"Subscribed to agent run. Receiving live events.\"}", rest[3]);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], Index().Matches(string.Join('\n', rest)).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public async Task Resuming_an_unknown_run_is_an_error_frame()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(
            "200 event: error\ndata: {\"event\": \"error\", \"error\": \"Run nope not found in buffer or database\"}\n\n",
            await api.PostAsync(Echo + "/nope/resume", ("session_id", "s1")));
        Assert.Equal("""404 {"detail":"Agent not found"}""", await api.PostAsync("/agents/nope/runs/nope/resume"));
    }

    private static string[] Names(string stream) => [.. Name().Matches(stream).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("^(?:200 )?event: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Name();

    [GeneratedRegex("\"event_index\":(\\d+)}\nid: \\1$", RegexOptions.Multiline)]
    private static partial Regex Index();
}
