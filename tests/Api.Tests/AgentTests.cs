namespace Cluster.Api.Tests;

public sealed class AgentTests
{
    private const string Echo = """{"id":"echo-agent","name":"Echo Agent","db_id":"demo-db","description":"Answers with one fixed sentence.","is_factory":false,"model":{"name":"Scripted","model":"scripted-1","provider":"Scripted"},"sessions":{"session_table":"agno_sessions"},"system_message":{"description":"Answers with one fixed sentence."},"is_component":false}""";
    private const string Adding = """{"id":"tool-agent","name":"Tool Agent","db_id":"demo-db","is_factory":false,"model":{"name":"Scripted","model":"scripted-1","provider":"Scripted"},"tools":{"tools":[{"name":"add","description":"Add two integers.","parameters":{"type":"object","properties":{"a":{"type":"integer","description":"(int) the first number"},"b":{"type":"integer","description":"(int) the second number"}},"required":["a","b"]}}]},"sessions":{"session_table":"agno_sessions"},"system_message":{"instructions":"Use add for sums."},"is_component":false}""";
    private const string Confirming = """{"id":"confirm-agent","name":"Confirm Agent","db_id":"demo-db","is_factory":false,"model":{"name":"Scripted","model":"scripted-1","provider":"Scripted"},"tools":{"tools":[{"name":"delete_file","description":"Delete a file at the given path.","parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]},"requires_confirmation":true}]},"sessions":{"session_table":"agno_sessions"},"is_component":false}""";
    private const string Failing = """{"id":"error-agent","name":"Error Agent","db_id":"demo-db","is_factory":false,"model":{"name":"Scripted","model":"scripted-1","provider":"Scripted"},"sessions":{"session_table":"agno_sessions"},"is_component":false}""";
    private const string Remembering = """{"id":"history-agent","name":"History Agent","db_id":"demo-db","is_factory":false,"model":{"name":"Scripted","model":"scripted-1","provider":"Scripted"},"sessions":{"session_table":"agno_sessions","add_history_to_context":true},"is_component":false}""";

    [Theory]
    [InlineData("/agents")]
    [InlineData("/agents/")]
    public async Task Agents_are_listed_in_the_order_of_their_registration(string path)
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal($"[{Echo},{Adding},{Confirming},{Failing},{Remembering}]", await api.GetAsync(path));
    }

    [Fact]
    public async Task An_agent_is_shown()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal(Adding, await api.GetAsync("/agents/tool-agent"));
    }

    [Fact]
    public async Task An_unknown_agent_is_not_found()
    {
        await using var api = await TestApi.StartAsync();

        Assert.Equal("""404 {"detail":"Agent not found"}""", await api.SendAsync(HttpMethod.Get, "/agents/nope"));
    }
}
