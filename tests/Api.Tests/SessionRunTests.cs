namespace Cluster.Api.Tests;

public sealed class SessionRunTests
{
    private const string Front = """{"run_id":"<id>","parent_run_id":"","agent_id":"echo-agent","user_id":"","status":"COMPLETED","run_input":"Hi","content":"Hello from the model","run_response_format":"text","reasoning_content":"","reasoning_steps":[],"metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0,"duration":0,"details":{"model":[{"input_tokens":10,"output_tokens":5,"total_tokens":15,"id":"scripted-1","provider":"Scripted"}]}},"messages":[{"id":"<id>","content":"Answers with one fixed sentence.","from_history":false,"stop_after_tool_call":false,"role":"system","created_at":1795160377},{"id":"<id>","content":"Hi","from_history":false,"stop_after_tool_call":false,"role":"user","created_at":1795160377},{"id":"<id>","content":"Hello from the model","from_history":false,"stop_after_tool_call":false,"role":"assistant","metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0},"created_at":1795160377}]""";
    private const string WithNulls = Front + ""","tools":null,"events":null,"created_at":"2026-11-20T07:39:37Z","references":[],"citations":null,"reasoning_messages":[],"session_state":{},"images":[],"videos":[],"audio":[],"files":[],"response_audio":null,"input_media":{"images":[],"videos":[],"audios":[],"files":[]},"followups":null,"forked_from_run_id":null,"forked_from_message_index":null,"forked_from_session_id":null,"regenerated_from":null,"last_checkpoint_at_message_index":null}""";
    private const string WithoutNulls = Front + ""","created_at":"2026-11-20T07:39:37Z","references":[],"reasoning_messages":[],"session_state":{},"images":[],"videos":[],"audio":[],"files":[],"input_media":{"images":[],"videos":[],"audios":[],"files":[]}}""";

    [Fact]
    public async Task The_same_run_is_listed_with_and_without_nulls()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("echo-agent", ("session_id", "s1"));

        Assert.Equal($"200 [{WithNulls}]", await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs?session_id=s1"));
        Assert.Equal($"200 [{WithoutNulls}]", await api.SendAsync(HttpMethod.Get, "/sessions/s1/runs"));
        Assert.Equal($"200 {WithNulls}", await api.SendAsync(HttpMethod.Get, $"/sessions/s1/runs/{run.GetProperty("run_id").GetString()}"));
    }

    [Fact]
    public async Task A_streamed_run_keeps_its_events_without_the_deltas()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/agents/echo-agent/runs", ("message", "Hi"), ("session_id", "s1"));

        var runs = System.Text.Json.JsonElement.Parse(await api.GetAsync("/sessions/s1/runs"));

        Assert.Equal(
            ["RunStarted", "ModelRequestStarted", "ModelRequestCompleted", "RunContentCompleted", "RunCompleted"],
            runs[0].GetProperty("events").EnumerateArray().Select(next => next.GetProperty("event").GetString()));
        Assert.DoesNotContain("event_index", runs.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_still_at_work_is_in_the_list_with_its_input()
    {
        var model = new SpokenModel();
        await using var api = await TestApi.StartAsync(services => Microsoft.Extensions.DependencyInjection.EngineServiceCollectionExtensions.AddAgent(services, model.Agent));
        using var stream = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("session_id", "s1"));
        await stream.UntilAsync("RunStarted");

        var runs = System.Text.Json.JsonElement.Parse(await api.GetAsync("/sessions/s1/runs?type=agent"));

        Assert.Equal(("Hi", "RUNNING"), (runs[0].GetProperty("run_input").GetString(), runs[0].GetProperty("status").GetString()));
        model.Finish();
    }

    [Fact]
    public async Task A_stored_run_is_shown_as_the_run_routes_show_it()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("history-agent", ("session_id", "s1"));
        var second = await api.RunAsync("history-agent", ("session_id", "s1"));

        var answer = await api.SendAsync(HttpMethod.Get, $"/agents/history-agent/runs/{second.GetProperty("run_id").GetString()}?session_id=s1");

        Assert.Equal(2, run.GetProperty("messages").GetArrayLength());
        Assert.Equal(4, second.GetProperty("messages").GetArrayLength());
        Assert.Equal(
            """200 {"run_id":"<id>","agent_id":"history-agent","agent_name":"History Agent","session_id":"s1","content":"Hello","content_type":"str","model":"scripted-1","model_provider":"Scripted","session_state":{},"created_at":1795160377,"status":"COMPLETED","metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0,"duration":0,"details":{"model":[{"input_tokens":10,"output_tokens":5,"total_tokens":15,"id":"scripted-1","provider":"Scripted"}]}},"events":[],"messages":[{"id":"<id>","content":"Hi","from_history":false,"stop_after_tool_call":false,"role":"user","created_at":1795160377},{"id":"<id>","content":"Hello","from_history":false,"stop_after_tool_call":false,"role":"assistant","metrics":{"input_tokens":10,"output_tokens":5,"total_tokens":15,"time_to_first_token":0},"created_at":1795160377}],"input":{"input_content":"Hi"}}""",
            answer);
    }

    [Fact]
    public async Task Runs_are_filtered_by_status_and_time()
    {
        await using var api = await TestApi.StartAsync();
        await api.RunAsync("echo-agent", ("session_id", "s1"));

        Assert.Equal("200 []", await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs?session_id=s1&status=ERROR"));
        Assert.Equal($"200 [{WithNulls}]", await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs?session_id=s1&status=COMPLETED"));
        Assert.Equal("200 []", await api.SendAsync(HttpMethod.Get, "/sessions/s1/runs?created_after=1795160378"));
        Assert.Equal($"200 [{WithoutNulls}]", await api.SendAsync(HttpMethod.Get, "/sessions/s1/runs?created_after=1795160377&created_before=1795160377"));
    }

    [Fact]
    public async Task Runs_that_are_asked_for_wrongly_are_refused()
    {
        await using var api = await TestApi.StartAsync();
        await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("""{"session_id": "empty"}"""));
        await api.RunAsync("echo-agent", ("session_id", "s1"));
        const string NoSession = """422 {"detail":[{"type":"missing","loc":["query","session_id"],"msg":"Field required","input":null}]}""";

        Assert.Equal(NoSession, await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs"));
        Assert.Equal(NoSession, await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs/r"));
        Assert.Equal("""404 {"detail":"Session not found"}""", await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs?session_id=nope"));
        Assert.Equal("""404 {"detail":"Run not found"}""", await api.SendAsync(HttpMethod.Get, "/agents/echo-agent/runs/nope?session_id=s1"));
        Assert.Equal("""404 {"detail":"Session with ID empty has no runs"}""", await api.SendAsync(HttpMethod.Get, "/sessions/empty/runs/r"));
        Assert.Equal("""404 {"detail":"Run with ID r not found in session s1"}""", await api.SendAsync(HttpMethod.Get, "/sessions/s1/runs/r"));
    }
}
