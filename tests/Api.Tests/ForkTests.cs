using System.Text.Json;

namespace Cluster.Api.Tests;

public sealed class ForkTests
{
    private const string Runs = "/agents/echo-agent/runs";

    [Fact]
    public async Task A_completed_run_goes_on_in_a_new_run()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("echo-agent", ("session_id", "s1"), ("user_id", "ann"));

        var fork = await ContinueAsync(api, run, ("input", "go on"));

        Assert.NotEqual(Text(run, "run_id"), Text(fork, "run_id"));
        Assert.Equal((Text(run, "run_id"), 3, "ann"), (Text(fork, "forked_from_run_id"), fork.GetProperty("forked_from_message_index").GetInt32(), Text(fork, "user_id")));
        Assert.Equal(["system", "user", "assistant", "user", "assistant"], fork.GetProperty("messages").EnumerateArray().Select(message => Text(message, "role")));
        Assert.False(fork.TryGetProperty("events", out _));
        var listed = JsonElement.Parse(await api.GetAsync($"{Runs}?session_id=s1"));
        Assert.Equal(Text(run, "run_id"), Text(listed[1], "forked_from_run_id"));
    }

    [Fact]
    public async Task A_streamed_fork_is_a_stream_of_the_new_run()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("echo-agent", ("session_id", "s1"));

        using var stream = await LiveStream.PostAsync(api, $"{Runs}/{Text(run, "run_id")}/continue", ("session_id", "s1"), ("fork", "true"), ("continue_from", "last_user"));
        var frames = await stream.RestAsync();

        Assert.StartsWith("event: RunContinued\ndata: {", frames[0], StringComparison.Ordinal);
        Assert.StartsWith("event: RunCompleted\ndata: {", frames[^1], StringComparison.Ordinal);
        Assert.All(frames, frame => Assert.NotEqual(Text(run, "run_id"), LiveStream.RunIdOf(frame)));
        var stored = JsonElement.Parse(await api.GetAsync($"{Runs}/{LiveStream.RunIdOf(frames[0])}?session_id=s1"));
        Assert.Equal(("COMPLETED", 2), (Text(stored, "status"), stored.GetProperty("last_checkpoint_at_message_index").GetInt32()));
    }

    [Fact]
    public async Task A_regenerated_run_says_so()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("echo-agent", ("session_id", "s1"));

        var anew = await ContinueAsync(api, run, ("regenerate", "true"), ("additional_instructions", "shorter"));

        Assert.Equal(Text(run, "run_id"), Text(anew, "regenerated_from"));
        Assert.Equal("REGENERATED", Text(JsonElement.Parse(await api.GetAsync($"{Runs}/{Text(run, "run_id")}?session_id=s1")), "status"));
        Assert.Equal(["REGENERATED", "COMPLETED"], JsonElement.Parse(await api.GetAsync($"{Runs}?session_id=s1")).EnumerateArray().Select(listed => Text(listed, "status")));
    }

    [Theory]
    [InlineData("400 {\"detail\":\"regenerate and fork exclude each other", "regenerate", "fork")]
    [InlineData("400 {\"detail\":\"replace_original can only be given with regenerate", "replace_original", "fork")]
    public async Task Wishes_that_contradict_each_other_are_refused(string expected, params string[] flags)
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("echo-agent", ("session_id", "s1"));

        var answer = await api.PostAsync($"{Runs}/{Text(run, "run_id")}/continue", [("session_id", "s1"), ("stream", "false"), .. flags.Select(flag => (flag, "true"))]);
        var streamed = await api.PostAsync($"{Runs}/{Text(run, "run_id")}/continue", [("session_id", "s1"), .. flags.Select(flag => (flag, "true"))]);

        Assert.StartsWith(expected, answer, StringComparison.Ordinal);
        Assert.StartsWith("200 event: RunError\ndata: {", streamed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere", "400 {\"detail\":\"Invalid continue_from. Use 'end', 'last_user', or a numeric message index.\"}")]
    [InlineData("9", "400 {\"detail\":\"continue_from 9 is out of range: run <id> has 3 messages.\"}")]
    public async Task A_place_that_the_run_does_not_have_is_refused(string from, string expected)
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("echo-agent", ("session_id", "s1"));

        Assert.Equal(expected, await api.PostAsync($"{Runs}/{Text(run, "run_id")}/continue", ("session_id", "s1"), ("stream", "false"), ("continue_from", from)));
    }

    [Fact]
    public async Task Checkpoints_are_listed_and_shown()
    {
        await using var api = await TestApi.StartAsync();
        var run = await api.RunAsync("tool-agent", ("session_id", "s1"));
        var path = $"/agents/tool-agent/runs/{Text(run, "run_id")}/checkpoints";

        var list = JsonElement.Parse(await api.GetAsync($"{path}?session_id=s1"));
        var one = JsonElement.Parse(await api.GetAsync($"{path}/2?session_id=s1"));

        Assert.Equal("end", Text(Assert.Single(list.GetProperty("checkpoints").EnumerateArray()), "reason"));
        Assert.Equal(JsonValueKind.Null, one.GetProperty("checkpoint").GetProperty("checkpoint_id").ValueKind);
        Assert.Equal(2, one.GetProperty("snapshot").GetProperty("messages").GetArrayLength());
        Assert.StartsWith("400 {\"detail\":\"Message index 99 is out of range", await api.SendAsync(HttpMethod.Get, $"{path}/99?session_id=s1"), StringComparison.Ordinal);
        Assert.Equal("404 {\"detail\":\"Run not found\"}", await api.SendAsync(HttpMethod.Get, $"{path}?session_id=s2"));
        Assert.StartsWith("422 ", await api.SendAsync(HttpMethod.Get, path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_is_copied_with_its_runs_and_both_go_on()
    {
        await using var api = await TestApi.StartAsync();
        await api.RunAsync("history-agent", ("session_id", "s1"), ("user_id", "ann"), ("session_state", """{"x":1}"""));
        await api.RunAsync("history-agent", ("session_id", "s1"), ("user_id", "ann"));

        var answer = JsonElement.Parse((await api.SendRawAsync(HttpMethod.Post, "/agents/history-agent/sessions/s1/fork?user_id=ann"))[4..]);
        var copyId = Text(answer, "session_id");

        var copies = JsonElement.Parse(await api.GetAsync($"/agents/history-agent/runs?session_id={copyId}"));
        Assert.Equal("s1", Text(answer, "forked_from_session_id"));
        Assert.Equal(["s1", "s1"], copies.EnumerateArray().Select(run => Text(run, "forked_from_session_id")));
        Assert.Empty(RunIds(copies).Intersect(RunIds(JsonElement.Parse(await api.GetAsync("/agents/history-agent/runs?session_id=s1")))));
        var session = JsonElement.Parse(await api.GetAsync($"/sessions/{copyId}?user_id=ann"));
        Assert.Equal((1, 4), (session.GetProperty("session_state").GetProperty("x").GetInt32(), session.GetProperty("chat_history").GetArrayLength()));
        var next = await api.RunAsync("history-agent", ("session_id", copyId), ("user_id", "ann"));
        Assert.Equal(6, next.GetProperty("messages").GetArrayLength());
        Assert.Equal(2, JsonElement.Parse(await api.GetAsync("/agents/history-agent/runs?session_id=s1")).GetArrayLength());
    }

    [Fact]
    public async Task A_copied_run_that_waits_can_be_answered_in_the_copy()
    {
        await using var api = await TestApi.StartAsync();
        var paused = await api.RunAsync("confirm-agent", ("session_id", "s1"));
        var copyId = Text(JsonElement.Parse((await api.SendRawAsync(HttpMethod.Post, "/agents/confirm-agent/sessions/s1/fork"))[4..]), "session_id");
        var copied = Assert.Single(JsonElement.Parse(await api.GetAsync($"/agents/confirm-agent/runs?session_id={copyId}")).EnumerateArray());

        var answer = await api.PostAsync(
            $"/agents/confirm-agent/runs/{Text(copied, "run_id")}/continue",
            ("tools", copied.GetProperty("tools").GetRawText().Replace("\"confirmed\":null", "\"confirmed\":true", StringComparison.Ordinal)),
            ("session_id", copyId),
            ("stream", "false"));

        Assert.Contains("\"content\":\"Done: Deleted /tmp/a.txt\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"forked_from_session_id\":\"s1\"", answer, StringComparison.Ordinal);
        Assert.Equal("PAUSED", Text(JsonElement.Parse(await api.GetAsync($"/agents/confirm-agent/runs/{Text(paused, "run_id")}?session_id=s1")), "status"));
    }

    [Theory]
    [InlineData("/agents/echo-agent/sessions/nope/fork", "400 {\"detail\":\"Session 'nope' not found\"}")]
    [InlineData("/agents/tool-agent/sessions/s1/fork", "400 {\"detail\":\"Session 's1' not found\"}")]
    [InlineData("/agents/echo-agent/sessions/s1/fork?user_id=bob", "400 {\"detail\":\"Session 's1' not found\"}")]
    [InlineData("/agents/nobody/sessions/s1/fork", "404 {\"detail\":\"Agent not found\"}")]
    public async Task A_session_of_another_agent_or_user_is_not_copied(string path, string expected)
    {
        await using var api = await TestApi.StartAsync();
        await api.RunAsync("echo-agent", ("session_id", "s1"), ("user_id", "ann"));

        Assert.Equal(expected, await api.SendAsync(HttpMethod.Post, path));
    }

    private static async Task<JsonElement> ContinueAsync(TestApi api, JsonElement run, params (string Key, string Value)[] form)
    {
        var answer = await api.SendRawAsync(HttpMethod.Post, $"{Runs}/{Text(run, "run_id")}/continue", TestApi.Form([("session_id", "s1"), ("stream", "false"), .. form]));
        Assert.StartsWith("200 ", answer, StringComparison.Ordinal);
        return JsonElement.Parse(answer[4..]);
    }

    private static IEnumerable<string> RunIds(JsonElement runs) => runs.EnumerateArray().Select(run => Text(run, "run_id"));

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
