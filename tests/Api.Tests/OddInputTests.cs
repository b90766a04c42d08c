using System.Text;
using System.Text.Json;

namespace Cluster.Api.Tests;

/// <summary>Input that is valid in one layer and makes no sense in the next: each kind is refused in words, or taken for what it means.</summary>
public sealed class OddInputTests
{
    private const string Runs = "/agents/echo-agent/runs";

    [Theory]
    [InlineData("""{"session_id":"a\ud800"}""", """["body","session_id"]""")]
    [InlineData("""{"session_id":"\udc00a"}""", """["body","session_id"]""")]
    [InlineData("""{"session_state":{"a":[1,"\uD83D"]}}""", """["body","session_state","a",1]""")]
    [InlineData("""{"metadata":{"a":"\ud83d\ud83d\ude00"}}""", """["body","metadata","a"]""")]
    [InlineData("""{"session_name":"\\\udfff"}""", """["body","session_name"]""")]
    [InlineData("""{"session_state":{"\ud800":1}}""", """["body","session_state"]""")]
    [InlineData("""{"unknown":["\ud800"]}""", """["body","unknown",0]""")]
    public async Task Half_a_character_in_JSON_is_refused_by_its_place(string body, string loc)
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json(body));

        Assert.Equal($$"""422 {"detail":[{"type":"string_unicode","loc":{{loc}},"msg":"Input should be a valid string, unable to parse raw data as a unicode string","input":null}]}""", answer);
    }

    [Theory]
    [InlineData("""{"session_name":"\ud83d\ude00"}""")]
    [InlineData("""{"session_name":"\\ud800"}""")]
    [InlineData("""{"session_name":"\\\ud83d\ude00\\"}""")]
    public async Task Whole_characters_are_taken_however_they_are_written(string body)
    {
        await using var api = await TestApi.StartAsync();

        Assert.StartsWith("201", await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json(body)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("session_state", """{"a":"\ud800"}""", "string_unicode")]
    [InlineData("dependencies", """{"a":{"b":"x\udc00"}}""", "string_unicode")]
    [InlineData("metadata", """{"\ud800":1}""", "string_unicode")]
    [InlineData("output_schema", """{"title":"\ud800"}""", "string_unicode")]
    [InlineData("model_parameters", """{"stop":["\ud800"]}""", "string_unicode")]
    [InlineData("images", """[{"url":"\ud800"}]""", "string_unicode")]
    [InlineData("input_files", """[{"content":"\udfff"}]""", "string_unicode")]
    [InlineData("metadata", """{"a":1e999}""", "finite_number")]
    [InlineData("session_state", """{"a":[-1e400]}""", "finite_number")]
    [InlineData("model_parameters", """{"temperature":1e300}""", "model_parameters")]
    [InlineData("model_parameters", """{"seed":1e30}""", "model_parameters")]
    [InlineData("model_parameters", """{"max_tokens":"many"}""", "model_parameters")]
    [InlineData("session_id", "..", "value_error")]
    [InlineData("session_id", ".", "value_error")]
    public async Task What_no_run_can_work_with_is_refused_by_the_name_of_its_field(string field, string value, string type)
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.PostAsync(Runs, ("message", "Hi"), (field, value));

        Assert.StartsWith($$"""422 {"detail":[{"type":"{{type}}","loc":["body","{{field}}""", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Cluster", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tools", """[{"tool_call_id":"\ud800"}]""")]
    [InlineData("requirements", """[{"id":"\ud800"}]""")]
    public async Task Half_a_character_in_answers_is_refused_too(string field, string value)
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.PostAsync($"{Runs}/r/continue", ("session_id", "s1"), (field, value));

        Assert.StartsWith($$"""422 {"detail":[{"type":"string_unicode","loc":["body","{{field}}",0,""", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_are_no_JSON()
    {
        await using var api = await TestApi.StartAsync();
        using var body = new ByteArrayContent([.. """{"session_name":"a"""u8, 0xFF, .. "\"}"u8]) { Headers = { ContentType = new("application/json") } };

        Assert.Equal("""400 {"detail":"There was an error parsing the body: it is not UTF-8"}""", await api.SendAsync(HttpMethod.Post, "/sessions", body));
    }

    [Fact]
    public async Task A_byte_order_mark_is_not_part_of_the_JSON()
    {
        await using var api = await TestApi.StartAsync();
        using var body = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. """{"session_id":"s1"}"""u8]) { Headers = { ContentType = new("application/json") } };

        Assert.StartsWith("201", await api.SendAsync(HttpMethod.Post, "/sessions", body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_members_with_the_same_name_the_last_one_counts()
    {
        await using var api = await TestApi.StartAsync();

        var created = await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("""{"session_id":"x","session_id":"y","session_state":{"a":1,"b":[{"c":1,"c":2}],"a":3}}"""));
        var run = await api.RunAsync("echo-agent", ("session_id", "y"), ("metadata", """{"k":1,"k":{"l":2}}"""));

        Assert.Contains("\"session_id\":\"y\",\"session_name\":\"\",\"session_state\":{\"a\":3,\"b\":[{\"c\":2}]}", created, StringComparison.Ordinal);
        Assert.Equal("""{"k":{"l":2}}""", run.GetProperty("metadata").GetRawText());
    }

    [Theory]
    [InlineData("utf-7", 400)]
    [InlineData("x-unknown", 200)]
    [InlineData("utf-16", 422)]
    public async Task A_part_may_name_any_charset(string charset, int status)
    {
        await using var api = await TestApi.StartAsync();
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(
            $"--e\r\nContent-Disposition: form-data; name=\"message\"\r\nContent-Type: text/plain; charset={charset}\r\n\r\nHi\r\n--e\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\nfalse\r\n--e\r\n"
            + $"Content-Disposition: form-data; name=\"metadata\"\r\nContent-Type: text/plain; charset={charset}\r\n\r\n{{}}\r\n--e--\r\n"));
        body.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=e");

        Assert.StartsWith($"{status} {{", await api.SendAsync(HttpMethod.Post, Runs, body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sessions?user_id=%00", "user_id")]
    [InlineData("/sessions?session_name=a%00b", "session_name")]
    [InlineData("/approvals?run_id=%00", "run_id")]
    [InlineData("/agents/echo-agent/runs?session_id=%00", "session_id")]
    public async Task NUL_in_a_query_is_refused_by_its_name(string path, string name)
    {
        await using var api = await TestApi.StartAsync();

        Assert.StartsWith($$"""422 {"detail":[{"type":"string_unicode","loc":["query","{{name}}"],""", await api.SendAsync(HttpMethod.Get, path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sessions?type=", "enum")]
    [InlineData("/sessions?limit=", "int_parsing")]
    [InlineData("/sessions?sort_order=", "enum")]
    [InlineData("/sessions/s1?type=Agent", "enum")]
    [InlineData("/sessions/s1/runs?created_after=", "int_parsing")]
    [InlineData("/approvals?status=nope", "literal_error")]
    [InlineData("/approvals?approval_type=", "literal_error")]
    public async Task An_empty_value_in_a_query_is_a_value(string path, string type)
    {
        await using var api = await TestApi.StartAsync();

        Assert.StartsWith($$"""422 {"detail":[{"type":"{{type}}",""", await api.SendAsync(HttpMethod.Get, path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sessions?limit=99999999999")]
    [InlineData("/sessions?page=99999999999999999999")]
    [InlineData("/sessions/s1/runs?created_after=99999999999999")]
    [InlineData("/sessions/s1/runs?created_before=-99999999999999")]
    public async Task Numbers_beyond_every_bound_are_as_good_as_the_largest(string path)
    {
        await using var api = await TestApi.StartAsync();
        await api.RunAsync("echo-agent", ("session_id", "s1"));

        Assert.StartsWith("200", await api.SendAsync(HttpMethod.Get, path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a//b/")]
    [InlineData("a%2Fb")]
    [InlineData("a%252fb/c")]
    [InlineData("ü €😀 ?#&=+")]
    [InlineData(" ")]
    [InlineData("slack:C123:1690000000.1")]
    public async Task A_session_is_reached_by_whatever_id_it_was_made_with(string id)
    {
        await using var api = await TestApi.StartOnNetworkAsync();
        var path = $"/sessions/{Uri.EscapeDataString(id)}";

        var created = await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json(JsonSerializer.Serialize(new Dictionary<string, string> { ["session_id"] = id })));
        var run = await api.RunAsync("echo-agent", ("session_id", id));

        Assert.StartsWith("201", created, StringComparison.Ordinal);
        Assert.Equal(id, JsonElement.Parse(await api.GetAsync(path)).GetProperty("session_id").GetString());
        Assert.Equal(1, JsonElement.Parse(await api.GetAsync(path + "/runs")).GetArrayLength());
        Assert.Equal("Hi", JsonElement.Parse(await api.GetAsync($"{path}/runs/{run.GetProperty("run_id").GetString()}")).GetProperty("run_input").GetString());
        Assert.StartsWith("204", await api.SendAsync(HttpMethod.Delete, path), StringComparison.Ordinal);
        Assert.StartsWith("404", await api.SendAsync(HttpMethod.Get, path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2_401, 'x')]
    [InlineData(1_201, 'ü')]
    public async Task An_id_that_is_too_long_to_be_asked_for_is_not_made(int length, char letter)
    {
        await using var api = await TestApi.StartAsync();
        var id = new string(letter, length);

        Assert.StartsWith("""422 {"detail":[{"type":"string_too_long","loc":["body","session_id"],""", await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json($$"""{"session_id":"{{id}}"}""")), StringComparison.Ordinal);
        Assert.StartsWith("""422 {"detail":[{"type":"string_too_long","loc":["body","session_id"],""", await api.PostAsync(Runs, ("message", "Hi"), ("session_id", id)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_longest_id_that_can_be_made_can_be_asked_for()
    {
        await using var api = await TestApi.StartOnNetworkAsync();
        var id = new string('€', 800);

        await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json($$"""{"session_id":"{{id}}"}"""));

        Assert.StartsWith("200", await api.SendAsync(HttpMethod.Get, $"/sessions/{Uri.EscapeDataString(id)}"), StringComparison.Ordinal);
    }
}
