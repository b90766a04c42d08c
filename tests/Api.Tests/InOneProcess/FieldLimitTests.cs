namespace Cluster.Api.Tests;

/// <summary>What is too large is refused by the name of its field, with its size, the limit and the setting, and nothing of it is kept.</summary>
public sealed class FieldLimitTests
{
    private const string Runs = "/agents/echo-agent/runs";

    private static readonly Dictionary<string, string?> Small = new()
    {
        ["Limits:NameBytes"] = "64",
        ["Limits:MessageBytes"] = "1024",
        ["Limits:StateBytes"] = "1024",
        ["Limits:MetadataBytes"] = "1024",
        ["Limits:DependenciesBytes"] = "1024",
        ["Limits:SettingsBytes"] = "1024",
        ["Limits:AnswerBytes"] = "1024",
        ["Limits:MediaBytes"] = "1024",
        ["Limits:MediaCount"] = "2",
    };

    [Theory]
    [InlineData("message", "Limits:MessageBytes")]
    [InlineData("session_state", "Limits:StateBytes")]
    [InlineData("metadata", "Limits:MetadataBytes")]
    [InlineData("dependencies", "Limits:DependenciesBytes")]
    [InlineData("output_schema", "Limits:SettingsBytes")]
    public async Task A_field_of_a_run_that_is_too_large_is_refused_by_its_name(string field, string option)
    {
        await using var api = await TestApi.StartAsync(settings: Small);
        var value = field == "message" ? new string('ä', 600) : $$"""{"title":"{{new string('x', 1_100)}}"}""";

        var answer = await api.PostAsync(Runs, [.. new[] { ("message", "Hi"), ("session_id", "s1") }.Where(pair => pair.Item1 != field), (field, value)]);

        var size = field == "message" ? 1_200 : 1_112;
        Assert.Equal(
            $$$"""422 {"detail":[{"type":"too_long","loc":["body","{{{field}}}"],"msg":"{{{field}}} has {{{size:N0}}} bytes, and at most 1,024 are taken. Send less, or raise {{{option}}}.","input":null,"ctx":{"unit":"bytes","max_length":1024,"actual_length":{{{size}}},"option":"{{{option}}}"}}]}""",
            answer);
        Assert.StartsWith("404", await api.SendAsync(HttpMethod.Get, "/sessions/s1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_parameters", """{"stop":["X"]}""", "model_parameters")]
    [InlineData("images", """[{"url":"http://h/X"}]""", "images")]
    [InlineData("input_files", """[{"content":"X","filename":"f"}]""", "files")]
    [InlineData("input_files", """[{"content":"c","filename":"X"}]""", "files")]
    [InlineData("audio", """[{"content":"c","id":"X"}]""", "audio")]
    [InlineData("images", """[{"url":"http://h/1"},{"url":"http://h/2"},{"url":"http://h/3"}]""", "images")]
    public async Task Parts_of_fields_are_bounded_too(string field, string value, string refused)
    {
        await using var api = await TestApi.StartAsync(settings: Small);

        var answer = await api.PostAsync(Runs, ("message", "Hi"), (field, value.Replace("X", new string('x', 1_100), StringComparison.Ordinal)));

        Assert.StartsWith($$"""422 {"detail":[{"type":"too_long","loc":["body","{{refused}}"],""", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("session_name", "\"X\"")]
    [InlineData("session_state", """{"a":"X"}""")]
    [InlineData("metadata", """{"a":["X"]}""")]
    public async Task A_session_is_neither_made_nor_changed_with_a_field_that_is_too_large(string field, string value)
    {
        await using var api = await TestApi.StartAsync(settings: Small);
        var large = $$"""{"{{field}}":{{value.Replace("X", new string('x', 1_100), StringComparison.Ordinal)}}}""";
        await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json("""{"session_id":"s1","session_name":"first"}"""));

        string[] answers =
        [
            await api.SendAsync(HttpMethod.Post, "/sessions", TestApi.Json(large)),
            await api.SendAsync(HttpMethod.Patch, "/sessions/s1", TestApi.Json(large)),
            .. field == "session_name" ? new[] { await api.SendAsync(HttpMethod.Post, "/sessions/s1/rename", TestApi.Json(large)) } : [],
        ];

        Assert.All(answers, answer => Assert.StartsWith($$"""422 {"detail":[{"type":"too_long","loc":["body","{{field}}"],"msg":"{{field}} has 1,1""", answer, StringComparison.Ordinal));
        Assert.Contains("\"session_name\":\"first\"", await api.GetAsync("/sessions/s1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("input", "X")]
    [InlineData("additional_instructions", "X")]
    [InlineData("tools", """[{"tool_call_id":"c","tool_name":"t","result":"X"}]""")]
    public async Task What_is_said_when_a_run_goes_on_is_bounded(string field, string value)
    {
        await using var api = await TestApi.StartAsync(settings: Small);

        var answer = await api.PostAsync($"{Runs}/r1/continue", ("session_id", "s1"), (field, value.Replace("X", new string('x', 1_100), StringComparison.Ordinal)));

        Assert.StartsWith($$"""422 {"detail":[{"type":"too_long","loc":["body","{{field}}"],""", answer, StringComparison.Ordinal);
    }
}
