using System.Text.Json;

namespace Cluster.Api.Tests;

/// <summary>How much one request may list or name.</summary>
public sealed class ListLimitTests
{
    [Fact]
    public async Task A_page_has_at_most_a_thousand_sessions()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(1_000, JsonElement.Parse(await api.GetAsync("/sessions?limit=1000000000")).GetProperty("meta").GetProperty("limit").GetInt32());
        Assert.StartsWith("422", await api.SendAsync(HttpMethod.Get, "/approvals?limit=1001"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_without_a_name_is_listed_under_the_beginning_of_its_first_message()
    {
        await using var api = await TestApi.StartAsync();
        await api.RunAsync("echo-agent", ("session_id", "long-beginning"), ("message", new string('€', 3_000)));

        var listed = JsonElement.Parse(await api.GetAsync("/sessions?limit=1000")).GetProperty("data").EnumerateArray();

        Assert.Equal(new string('€', 1_365), listed.Single(session => session.GetProperty("session_id").GetString() == "long-beginning").GetProperty("session_name").GetString());
    }

    [Fact]
    public async Task A_session_whose_state_has_grown_to_the_limit_says_so_in_its_next_run()
    {
        await using var api = await TestApi.StartAsync();
        await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json($$$"""{"session_id":"grown","session_state":{"a":"{{{new string('x', 3_000_000)}}}"}}"""));

        var larger = await api.RunAsync("echo-agent", ("session_id", "grown"), ("session_state", $$"""{"b":"{{new string('x', 3_000_000)}}"}"""));
        var same = await api.RunAsync("echo-agent", ("session_id", "grown"));

        Assert.Equal("ERROR", larger.GetProperty("status").GetString());
        Assert.Contains("session_state has 6,0", larger.GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Equal("COMPLETED", same.GetProperty("status").GetString());
    }

    [Fact]
    public async Task So_many_sessions_are_not_deleted_at_once()
    {
        await using var api = await TestApi.StartAsync();
        var ids = string.Join(',', Enumerable.Repeat("\"x\"", 1_001));
        var types = string.Join(',', Enumerable.Repeat("\"agent\"", 1_001));

        var answer = await api.SendAsync(HttpMethod.Delete, "/sessions", TestApi.Json($$"""{"session_ids":[{{ids}}],"session_types":[{{types}}]}"""));

        Assert.StartsWith("""422 {"detail":[{"type":"too_long","loc":["body","session_ids"],"msg":"session_ids has 1,001 entries, and at most 1,000 are taken. Send less.",""", answer, StringComparison.Ordinal);
    }
}
