using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests;

public sealed class ApprovalTests
{
    private const string Runs = "/agents/approval-agent/runs";

    [Fact]
    public async Task An_approval_is_listed_counted_shown_resolved_and_deleted()
    {
        await using var api = await StartAsync();
        var (runId, approvalId) = await PauseAsync(api, "s1");

        Assert.Equal("""{"count":1}""", await api.GetAsync("/approvals/count"));
        Assert.Equal("""{"count":0}""", await api.GetAsync("/approvals/count?user_id=nobody"));
        Assert.Equal($$"""{"approval_id":"{{approvalId}}","status":"pending","run_id":"{{runId}}","resolved_at":null,"resolved_by":null}""", await api.GetAsync($"/approvals/{approvalId}/status"));
        var listed = await api.GetAsync($"/approvals?run_id={runId}&status=pending&approval_type=required&agent_id=approval-agent&limit=5&page=1");
        Assert.Contains($$"""{"data":[{"id":"{{approvalId}}","run_id":"{{runId}}","session_id":"s1","status":"pending","source_type":"agent",""", listed, StringComparison.Ordinal);
        Assert.EndsWith("\"run_status\":\"PAUSED\"}],\"meta\":{\"page\":1,\"limit\":5,\"total_pages\":1,\"total_count\":1,\"search_time_ms\":0.0}}", listed, StringComparison.Ordinal);

        var resolved = await ResolveAsync(api, approvalId, """{"status":"approved","resolved_by":"admin"}""");
        var run = await ContinueAsync(api, runId, "s1");

        Assert.StartsWith("200 ", resolved, StringComparison.Ordinal);
        Assert.EndsWith("\"run_status\":\"PAUSED\"}", resolved, StringComparison.Ordinal);
        Assert.Contains("\"content\":\"Done: Deployed billing\"", run, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"COMPLETED\"", run, StringComparison.Ordinal);
        var after = await api.GetAsync($"/approvals/{approvalId}");
        Assert.Contains("\"resolved_by\":\"admin\"", after, StringComparison.Ordinal);
        Assert.EndsWith("\"run_status\":\"COMPLETED\"}", after, StringComparison.Ordinal);
        Assert.Equal("204 ", await api.SendAsync(HttpMethod.Delete, $"/approvals/{approvalId}"));
        Assert.Equal("""404 {"detail":"Approval not found"}""", await api.SendAsync(HttpMethod.Get, $"/approvals/{approvalId}"));
    }

    [Fact]
    public async Task A_run_goes_on_without_any_client_when_its_approval_is_resolved()
    {
        await using var api = await StartAsync();
        var (runId, approvalId) = await PauseAsync(api, "s1");

        await ResolveAsync(api, approvalId, """{"status":"rejected","resolved_by":"admin","resolution_data":{"reason":"freeze"}}""");
        using var stream = await LiveStream.PostAsync(api, $"{Runs}/{runId}/resume", ("session_id", "s1"));
        var frames = await stream.RestAsync();

        Assert.StartsWith("event: RunCompleted\n", frames[^1], StringComparison.Ordinal);
        Assert.Contains("Done: Function call was rejected by the user", frames[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_a_run_that_an_approval_continued_holds_what_is_new()
    {
        await using var api = await StartAsync();
        var (runId, approvalId) = await PauseAsync(api, "s1");
        await ResolveAsync(api, approvalId, """{"status":"approved"}""");

        using var stream = await LiveStream.PostAsync(api, $"{Runs}/{runId}/continue", ("session_id", "s1"));
        var frames = await stream.RestAsync();

        Assert.StartsWith("event: RunContinued\n", frames[0], StringComparison.Ordinal);
        Assert.StartsWith("event: RunCompleted\n", frames[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Continuing_before_the_decision_is_refused_and_a_second_decision_too()
    {
        await using var api = await StartAsync();
        var (runId, approvalId) = await PauseAsync(api, "s1");

        var early = await ContinueAsync(api, runId, "s1");
        await ResolveAsync(api, approvalId, """{"status":"approved"}""");
        var second = await ResolveAsync(api, approvalId, """{"status":"rejected"}""");

        Assert.Equal("""400 {"detail":"Run has unresolved HITL requirements. Provide the `requirements` parameter (or resolve an admin approval first)."}""", early);
        Assert.Equal("""409 {"detail":"Approval is already 'approved' and cannot be resolved"}""", second);
    }

    [Fact]
    public async Task Requirements_that_are_sent_back_answer_like_tools()
    {
        await using var api = await StartAsync();
        var paused = await api.RunAsync("approval-agent", ("session_id", "s1"));
        var requirements = paused.GetProperty("requirements").GetRawText().Replace("\"tool_execution\":", "\"confirmation\":true,\"tool_execution\":", StringComparison.Ordinal);
        var runId = paused.GetProperty("run_id").GetString()!;

        var broken = await api.PostAsync($"{Runs}/{runId}/continue", ("requirements", "{nope"), ("session_id", "s1"), ("stream", "false"));
        var run = await api.PostAsync($"{Runs}/{runId}/continue", ("requirements", requirements), ("session_id", "s1"), ("user_id", "ann"), ("stream", "false"));

        Assert.Equal("""400 {"detail":"Invalid JSON in requirements field"}""", broken);
        Assert.Contains("\"content\":\"Done: Deployed billing\"", run, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"approved\"", await api.GetAsync("/approvals"), StringComparison.Ordinal);
        Assert.Contains("\"resolved_by\":\"ann\"", await api.GetAsync("/approvals"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/approvals/nope", null, """404 {"detail":"Approval not found"}""")]
    [InlineData("GET", "/approvals/nope/status", null, """404 {"detail":"Approval not found"}""")]
    [InlineData("DELETE", "/approvals/nope", null, """404 {"detail":"Approval not found"}""")]
    [InlineData("POST", "/approvals/nope/resolve", """{"status":"approved"}""", """404 {"detail":"Approval not found"}""")]
    [InlineData("POST", "/approvals/nope/resolve", """{"status":"maybe"}""", """422 {"detail":[{"type":"string_pattern_mismatch","loc":["body","status"],"msg":"String should match pattern '^(approved|rejected)$'","input":"maybe","ctx":{"pattern":"^(approved|rejected)$"}}]}""")]
    [InlineData("GET", "/approvals?limit=1001", null, """422 {"detail":[{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 1000","input":"1001","ctx":{"le":1000}}]}""")]
    [InlineData("GET", "/approvals?page=0", null, """422 {"detail":[{"type":"greater_than_equal","loc":["query","page"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}}]}""")]
    [InlineData("GET", "/approvals?source_type=strange", null, """200 {"data":[],"meta":{"page":1,"limit":100,"total_pages":0,"total_count":0,"search_time_ms":0.0}}""")]
    public async Task Requests_about_what_is_not_there_are_answered_so(string method, string path, string? body, string expected)
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(expected, await api.SendAsync(new HttpMethod(method), path, body is null ? null : TestApi.Json(body)));
    }

    private static Task<TestApi> StartAsync() => TestApi.StartAsync(services => services.AddAgent(TestAgents.NeedsApproval));

    private static async Task<(string RunId, string ApprovalId)> PauseAsync(TestApi api, string sessionId)
    {
        var paused = await api.RunAsync("approval-agent", ("session_id", sessionId));
        return (paused.GetProperty("run_id").GetString()!, paused.GetProperty("tools")[0].GetProperty("approval_id").GetString()!);
    }

    private static Task<string> ResolveAsync(TestApi api, string approvalId, string body) =>
        api.SendRawAsync(HttpMethod.Post, $"/approvals/{approvalId}/resolve", TestApi.Json(body));

    private static Task<string> ContinueAsync(TestApi api, string runId, string sessionId) =>
        api.PostAsync($"{Runs}/{runId}/continue", ("session_id", sessionId), ("stream", "false"));
}
