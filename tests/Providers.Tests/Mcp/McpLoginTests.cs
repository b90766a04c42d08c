using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Tools;
using Cluster.Providers.Definitions;
using Cluster.Providers.Mcp;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Providers.Tests.Mcp;

public sealed class McpLoginTests : IAsyncLifetime
{
    private readonly McpLogins _logins = new(new Uri("http://localhost:1/mcp/oauth/callback"));
    private McpLoginServer _server = null!;
    private Toolkit _toolkit = null!;
    private ServiceProvider _services = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IPersonalToolSource Source => (IPersonalToolSource)_toolkit.Source!;

    public async ValueTask InitializeAsync()
    {
        _server = await McpLoginServer.StartAsync();
        _toolkit = McpToolkit.Create(new McpToolkitOptions { Name = "books", Endpoint = new McpAddress(_server.Url) { Login = new McpLogin(_logins) } });
        var script = new Script { Text = "It says: {result}", Calls = [new ScriptedCall("echo", JsonElement.Parse("""{"text":"hi"}"""))] };
        _services = new ServiceCollection().AddLogging().AddEngine()
            .AddAgent(new Agent { Id = "reader", Model = ScriptedModelProvider.Create(script), Toolkits = [_toolkit] }).BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _logins.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_user_who_logs_in_has_the_tools_in_the_next_run_and_nothing_tells_the_tokens()
    {
        var (before, asked) = await RunAsync("ann");
        var page = PageOf(asked);

        Assert.True(await _logins.CompleteAsync(Answer(await McpLoginServer.AgreeAsync(page)), Stop));
        var (after, silent) = await RunAsync("ann");

        Assert.Equal(("It says: ", "It says: hi"), (before.Content?.Text, after.Content?.Text));
        Assert.StartsWith(_server.Url.GetLeftPart(UriPartial.Authority) + "/authorize?", page, StringComparison.Ordinal);
        Assert.DoesNotContain(silent, next => next is CustomEvent);
        var told = string.Concat(asked.Concat(silent).Select(next => JsonSerializer.Serialize(next, EngineJson.Context.RunEvent)))
            + JsonSerializer.Serialize(before, EngineJson.Context.RunOutput) + JsonSerializer.Serialize(after, EngineJson.Context.RunOutput);
        Assert.Equal(3, _server.Secrets.Count);
        Assert.All(_server.Secrets, secret => Assert.DoesNotContain(secret, told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_one_user_logged_in_to_is_not_open_to_another()
    {
        await LogInAsync("ann");
        await Source.LoadForAsync(new Scope(TenantId.Default, "ann"), Stop);

        var (output, asked) = await RunAsync("bob");

        Assert.Equal("It says: ", output.Content?.Text);
        Assert.NotEmpty(PageOf(asked));
        Assert.NotEmpty(Source.KnownTo(new Scope(TenantId.Default, "ann")));
        Assert.Empty(Source.KnownTo(new Scope(TenantId.Default, "bob")));
        Assert.Empty(Source.Known);
    }

    [Fact]
    public async Task A_user_is_asked_once_until_the_answer_is_there()
    {
        var first = await Assert.ThrowsAsync<ToolSourceException>(() => Source.LoadForAsync(new Scope(TenantId.Default, "ann"), Stop).AsTask());
        var second = await Assert.ThrowsAsync<ToolSourceException>(() => Source.LoadForAsync(new Scope(TenantId.Default, "ann"), Stop).AsTask());

        Assert.Equal(first.LoginPage, second.LoginPage);
        Assert.Equal(1, _server.Counts.Clients);
        Assert.DoesNotContain("state=", first.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_that_nobody_asked_for_are_worth_nothing()
    {
        var asked = await Assert.ThrowsAsync<ToolSourceException>(() => Source.LoadForAsync(new Scope(TenantId.Default, "ann"), Stop).AsTask());
        var back = Answer(await McpLoginServer.AgreeAsync(asked.LoginPage!.AbsoluteUri));

        Assert.False(await _logins.CompleteAsync(back with { State = "other" }, Stop));
        Assert.False(await _logins.CompleteAsync(back with { State = null }, Stop));
        Assert.True(await _logins.CompleteAsync(back, Stop));
        Assert.False(await _logins.CompleteAsync(back, Stop));
    }

    [Fact]
    public async Task An_answer_from_another_server_or_without_a_code_fails_and_the_user_is_asked_anew()
    {
        var pages = new HashSet<Uri>();
        foreach (var change in new Func<McpLoginAnswer, McpLoginAnswer>[] { back => back with { Issuer = "https://evil.example" }, back => back with { Code = null }, back => back with { Code = "made-up" } })
        {
            var asked = await Assert.ThrowsAsync<ToolSourceException>(() => Source.LoadForAsync(new Scope(TenantId.Default, "ann"), Stop).AsTask());
            Assert.True(pages.Add(asked.LoginPage!));
            Assert.False(await _logins.CompleteAsync(change(Answer(await McpLoginServer.AgreeAsync(asked.LoginPage!.AbsoluteUri))), Stop));
        }

        await LogInAsync("ann");
        Assert.NotEmpty(await Source.LoadForAsync(new Scope(TenantId.Default, "ann"), Stop));
    }

    [Fact]
    public async Task Tokens_that_no_longer_count_are_renewed_without_the_user_as_long_as_that_is_possible()
    {
        await LogInAsync("ann");
        await Source.LoadForAsync(new Scope(TenantId.Default, "ann"), Stop);
        var pages = _server.Counts.Pages;

        _server.Revoke();
        await McpTestBed.CallForAsync(Source, "ann", "echo", new { text = "lost" });
        Assert.Equal("hi", (await McpTestBed.CallForAsync(Source, "ann", "echo", new { text = "hi" })).Content);
        Assert.Equal((1, pages), _server.Counts);

        _server.RevokeAll();
        await McpTestBed.CallForAsync(Source, "ann", "echo", new { text = "lost" });
        var asked = await Assert.ThrowsAsync<ToolSourceException>(() => Source.LoadForAsync(new Scope(TenantId.Default, "ann"), Stop).AsTask());
        Assert.NotNull(asked.LoginPage);
    }

    [Fact]
    public async Task Tokens_whose_time_is_over_are_renewed_before_they_are_sent()
    {
        _server.ExpiresIn = 0;
        await LogInAsync("ann");

        Assert.Equal("hi", (await McpTestBed.CallForAsync(Source, "ann", "echo", new { text = "hi" })).Content);
        Assert.Equal((1, 1), _server.Counts);
    }

    [Fact]
    public void Definitions_say_oauth_where_somebody_takes_the_answers()
    {
        const string Yaml = "agents: [{id: a, tools: [{mcp: {name: books, url: 'https://books.example/mcp', oauth: {client_id: c, scopes: read write}}}]}]";

        Assert.IsType<IPersonalToolSource>(Load(Yaml, _logins).ToolSources.Single(), exactMatch: false);
        Assert.Contains("works in the server that is one process", Assert.Throws<InvalidRequestException>(() => Load(Yaml, null)).Message, StringComparison.Ordinal);
        Assert.Contains("unknown key 'client'", Assert.Throws<InvalidRequestException>(() => Load(Yaml.Replace("client_id", "client", StringComparison.Ordinal), _logins)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "both a login and a token",
            Assert.Throws<InvalidRequestException>(() => Load(Yaml.Replace("oauth:", "headers: {Authorization: x}, oauth:", StringComparison.Ordinal), _logins)).Message,
            StringComparison.Ordinal);
    }

    private static Agent Load(string yaml, McpLogins? logins)
    {
        using var reader = new StringReader(yaml);
        return Assert.Single(AgentDefinitions.Load(reader, new KnownTools([], []) { Logins = logins }));
    }

    private static McpLoginAnswer Answer(Uri back)
    {
        var query = QueryHelpers.ParseQuery(back.Query);
        return new McpLoginAnswer(query["state"], query["code"], query["iss"]);
    }

    private static string PageOf(IEnumerable<RunEvent> events)
    {
        var told = Assert.Single(events.OfType<CustomEvent>());
        Assert.Equal(("auth_required", "books"), (told.Members["type"].GetString(), told.Members["server_name"].GetString()));
        return told.Members["authorization_url"].GetString()!;
    }

    private async Task LogInAsync(string userId)
    {
        var asked = await Assert.ThrowsAsync<ToolSourceException>(() => Source.LoadForAsync(new Scope(TenantId.Default, userId), Stop).AsTask());
        Assert.True(await _logins.CompleteAsync(Answer(await McpLoginServer.AgreeAsync(asked.LoginPage!.AbsoluteUri)), Stop));
    }

    private async Task<(RunOutput Output, List<RunEvent> Events)> RunAsync(string userId)
    {
        var host = _services.GetRequiredService<IRunHost>();
        var request = new RunRequest { RunId = Guid.NewGuid().ToString(), SessionId = userId, AgentId = "reader", UserId = userId, Input = new RunInput { InputContent = "go" } };
        var runId = await host.StartAsync(request, Stop);
        var output = await host.WaitAsync(runId, Stop);
        var events = new List<RunEvent>();
        await foreach (var next in host.ReadEventsAsync(runId, -1, Stop))
        {
            events.Add(next);
        }

        return (output, events);
    }
}
