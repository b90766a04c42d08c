using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Apis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class ApiToolkitTests
{
    [Fact]
    public async Task Hacker_News_gives_stories_items_and_users()
    {
        await using var server = await ToolkitServer.StartAsync(app =>
        {
            app.MapGet("/v0/topstories.json", () => Results.Text("[3,1,2]", "application/json"));
            app.MapGet("/v0/item/{id}.json", (int id) => Results.Text(id > 3 ? "null" : $$"""{"id":{{id}},"title":"Story {{id}}","kids":[9],"type":"story"}""", "application/json"));
            app.MapGet("/v0/user/pg.json", () => Results.Text("""{"id":"pg","karma":1,"submitted":[1,2]}""", "application/json"));
        });
        var news = HackerNewsToolkit.Create(new ApiToolkitOptions { BaseUrl = server.Url });

        Assert.Equal("""[{"id":3,"title":"Story 3"},{"id":1,"title":"Story 1"}]""", await news.CallAsync("get_top_hackernews_stories", new { numStories = 2 }));
        Assert.Equal("""{"id":2,"title":"Story 2","kids":[9],"type":"story"}""", await news.CallAsync("get_hackernews_item", new { id = 2 }));
        Assert.Equal("""{"id":"pg","karma":1}""", await news.CallAsync("get_hackernews_user", new { username = "pg" }));
        Assert.Equal("Hacker News has no item 7. Check the name.", (await Assert.ThrowsAsync<NotFoundException>(() => news.CallAsync("get_hackernews_item", new { id = 7 }))).Message);
    }

    [Fact]
    public async Task Wikipedia_is_searched_and_read()
    {
        await using var server = await ToolkitServer.StartAsync(app => app.MapGet("/w/api.php", (HttpRequest request) => Results.Text(
            request.Query["list"] == "search" ? """{"query":{"search":[{"title":"Tree","snippet":"A <span class=\"searchmatch\">tree</span> &amp; more"}]}}"""
            : request.Query["titles"] == "Tree" ? """{"query":{"pages":[{"title":"Tree","extract":"A tree is a plant."}]}}""" : """{"query":{"pages":[{"title":"Nil","missing":true}]}}""",
            "application/json")));
        var wikipedia = WikipediaToolkit.Create(new ApiToolkitOptions { BaseUrl = server.Url });

        Assert.Equal("""[{"title":"Tree","snippet":"A tree & more"}]""", await wikipedia.CallAsync("search_wikipedia", new { query = "tree & leaf", limit = 2 }));
        Assert.Equal("# Tree\n\nA tree is a plant.", await wikipedia.CallAsync("read_wikipedia_article", new { title = "Tree", introOnly = true }));
        await Assert.ThrowsAsync<NotFoundException>(() => wikipedia.CallAsync("read_wikipedia_article", new { title = "Nil" }));
        Assert.EndsWith("srlimit=2&srsearch=tree%20%26%20leaf", server.Requests[0].Route, StringComparison.Ordinal);
        Assert.Contains("exintro=1", server.Requests[1].Route, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DuckDuckGo_s_page_becomes_results_without_advertisements()
    {
        await using var server = await ToolkitServer.StartAsync(app => app.MapGet("/html/", (string q) => Results.Text(
            q == "robot" ? "<form id=challenge-form></form>" : q == "nil" ? "<p>No results" :
            """
            <div class="result result--ad"><a class="result__a" href="https://ads.example/">Buy</a></div>
            <div class="result"><h2><a class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fexample.com%2Fa%3Fb%3D1&amp;rut=x">The <b>first</b></a></h2><a class="result__snippet">About &amp; more</a></div>
            <div class="result"><a class="result__a" href="https://example.org/">Second</a></div>
            """,
            "text/html")));
        var duck = DuckDuckGoToolkit.Create(new ApiToolkitOptions { BaseUrl = server.Url });

        Assert.Equal("""[{"title":"The first","url":"https://example.com/a?b=1","snippet":"About & more"},{"title":"Second","url":"https://example.org/","snippet":""}]""", await duck.CallAsync("web_search", new { query = "a b" }));
        Assert.Equal("Nothing was found for 'nil'. Use other words.", await duck.CallAsync("web_search", new { query = "nil" }));
        await Assert.ThrowsAsync<UnavailableException>(() => duck.CallAsync("web_search", new { query = "robot" }));
    }

    [Fact]
    public async Task GitHub_gives_repositories_issues_files_and_finds_what_is_allowed()
    {
        await using var server = await GitHubAsync();
        var github = GitHubToolkit.Create(new GitHubToolkitOptions { BaseUrl = server.Url, Token = "ghp_secret", Repositories = ["acme/*"] });

        Assert.Contains("\"default_branch\":\"main\"", await github.CallAsync("get_repository", new { repository = "acme/app" }), StringComparison.Ordinal);
        Assert.Equal("""[{"number":1,"title":"Bug","author":"ann","labels":["a"]}]""", await github.CallAsync("list_issues", new { repository = "acme/app" }));
        Assert.Contains("""comments":[{"author":"bob","body":"Yes"}]""", await github.CallAsync("get_issue", new { repository = "acme/app", number = 1 }), StringComparison.Ordinal);
        Assert.Equal("Grüße", await github.CallAsync("get_file_content", new { repository = "acme/app", path = "docs/a b.md", reference = "dev" }));
        Assert.Equal("docs/\nREADME.md", await github.CallAsync("get_file_content", new { repository = "acme/app", path = "" }));
        Assert.Equal("""[{"name":"acme/app"}]""", await github.CallAsync("search_github", new { query = "app" }));
        Assert.Contains(server.Requests, request => request.Route == "GET /repos/acme/app/contents/docs/a%20b.md?ref=dev");
        Assert.All(server.Requests, request => Assert.Equal("Bearer ghp_secret", request.Headers["Authorization"]));
        Assert.All(github.Tools, tool => Assert.Equal(ToolEffect.Pure, tool.Options.Effect));
    }

    [Theory]
    [InlineData("other/app", "The repository 'other/app' is not allowed. Allowed are: acme/*.")]
    [InlineData("acme/..", "'acme/..' is no repository. Write owner/name.")]
    [InlineData("acme/app/issues", "'acme/app/issues' is no repository. Write owner/name.")]
    [InlineData("acme/closed", "GitHub refuses this agent (status 401). Whoever runs the agent has to check its key. It says: Bad credentials …")]
    [InlineData("acme/gone", "GitHub has nothing there (status 404). Check the names.")]
    public async Task A_repository_that_cannot_be_used_is_refused_with_the_reason(string repository, string message)
    {
        await using var server = await GitHubAsync();
        var github = GitHubToolkit.Create(new GitHubToolkitOptions { BaseUrl = server.Url, Token = "ghp_secret", Repositories = ["acme/*"] });

        var refusal = await Assert.ThrowsAnyAsync<EngineException>(() => github.CallAsync("get_repository", new { repository }));

        Assert.Equal(message, refusal.Message);
    }

    [Fact]
    public async Task An_issue_is_opened_where_that_is_allowed()
    {
        await using var server = await GitHubAsync();
        Assert.DoesNotContain(GitHubToolkit.Create().Tools, tool => tool.Name == "create_issue");
        var github = GitHubToolkit.Create(new GitHubToolkitOptions { BaseUrl = server.Url, AllowWrite = true });

        var issue = await github.CallForJsonAsync("create_issue", new { repository = "acme/app", title = "Broken", labels = new[] { "bug" } });

        Assert.Equal(5, issue.GetProperty("number").GetInt32());
        Assert.Equal("""{"title":"Broken","body":"","labels":["bug"]}""", server.Requests[0].Body);
        Assert.Equal(ToolEffect.Once, github.Tools.Single(tool => tool.Name == "create_issue").Options.Effect);
    }

    [Fact]
    public async Task A_message_goes_to_Slack_s_allowed_channels()
    {
        await using var server = await ToolkitServer.StartAsync(app => app.MapPost("/api/chat.postMessage", async (HttpRequest request) =>
            Results.Text((await new StreamReader(request.Body).ReadToEndAsync()).Contains("#gone", StringComparison.Ordinal) ? """{"ok":false,"error":"channel_not_found"}""" : """{"ok":true,"channel":"C1","ts":"1.2"}""", "application/json")));
        var slack = SlackToolkit.Create(new SlackToolkitOptions { BaseUrl = server.Url, Token = "xoxb-secret", Channels = ["#team", "#gone"] });

        Assert.Equal("""{"channel":"C1","ts":"1.2"}""", await slack.CallAsync("send_slack_message", new { channel = "#team", text = "Hi", threadTs = "1.1" }));
        Assert.Equal("Slack refuses the message: channel_not_found. Correct the channel or the text.", (await Assert.ThrowsAsync<InvalidRequestException>(() => slack.CallAsync("send_slack_message", new { channel = "#gone", text = "Hi" }))).Message);
        await Assert.ThrowsAsync<ForbiddenException>(() => slack.CallAsync("send_slack_message", new { channel = "#boss", text = "Hi" }));
        Assert.Equal(("""{"channel":"#team","text":"Hi","thread_ts":"1.1"}""", "Bearer xoxb-secret", 2), (server.Requests[0].Body, server.Requests[0].Headers["Authorization"], server.Requests.Count));
        Assert.Equal(ToolEffect.Once, slack.Tools[0].Options.Effect);
    }

    [Fact]
    public void A_key_that_fits_no_header_is_refused_without_being_told()
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => SlackToolkit.Create(new SlackToolkitOptions { Token = "xoxb\nsecret" }));

        Assert.Equal("What is sent to Slack as Authorization has characters that no header has. Correct the key.", refusal.Message);
        Assert.DoesNotContain("secret", new SlackToolkitOptions { Token = "secret" }.ToString(), StringComparison.Ordinal);
    }

    private static Task<ToolkitServer> GitHubAsync() => ToolkitServer.StartAsync(app =>
    {
        app.MapGet("/repos/acme/app", () => Json("""{"full_name":"acme/app","default_branch":"main","stargazers_count":3}"""));
        app.MapGet("/repos/acme/closed", () => Results.Text("Bad credentials ghp_secret", statusCode: 401));
        app.MapGet("/repos/acme/app/issues", () => Json("""[{"number":1,"title":"Bug","user":{"login":"ann"},"labels":[{"name":"a"}],"body":"x"},{"number":2,"pull_request":{}}]"""));
        app.MapPost("/repos/acme/app/issues", () => Json("""{"number":5,"title":"Broken"}"""));
        app.MapGet("/repos/acme/app/issues/1", () => Json("""{"number":1,"body":"text"}"""));
        app.MapGet("/repos/acme/app/issues/1/comments", () => Json("""[{"user":{"login":"bob"},"body":"Yes"}]"""));
        app.MapGet("/repos/acme/app/contents/docs/a b.md", () => Json($$"""{"encoding":"base64","content":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes("Grüße"))}}\n"}"""));
        app.MapGet("/repos/acme/app/contents/", () => Json("""[{"type":"dir","path":"docs"},{"type":"file","path":"README.md"}]"""));
        app.MapGet("/search/repositories", () => Json("""{"items":[{"full_name":"acme/app"},{"full_name":"other/app"}]}"""));
    });

    private static IResult Json(string json) => Results.Text(json, "application/json");
}
