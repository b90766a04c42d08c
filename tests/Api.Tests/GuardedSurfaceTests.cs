using System.Net;
using System.Text;

namespace Cluster.Api.Tests;

/// <summary>What keeps pages of others from using a server on the user's machine.</summary>
public sealed class GuardedSurfaceTests
{
    private const string Runs = "/agents/echo-agent/runs";

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://localhost:3001")]
    [InlineData("http://localhost.evil.example")]
    [InlineData("file://")]
    public async Task A_page_of_an_unknown_origin_changes_nothing(string origin)
    {
        await using var api = await TestApi.StartAsync();

        using var run = await SendAsync(api, HttpMethod.Post, Runs, origin, TestApi.Form(("message", "Hi"), ("session_id", "s1")));
        using var deletion = await SendAsync(api, HttpMethod.Delete, "/sessions/s1", origin);
        using var patch = await SendAsync(api, HttpMethod.Patch, "/sessions/s1", origin, TestApi.Json("{}"));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (run.StatusCode, deletion.StatusCode, patch.StatusCode));
        Assert.Equal($$"""{"detail":"Pages of the origin '{{origin}}' may not use this server. Add it to AgentOs:AllowedOrigins."}""", await run.Content.ReadAsStringAsync(TestApi.Stop));
        Assert.StartsWith("404", await api.SendAsync(HttpMethod.Get, "/sessions/s1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:3000")]
    [InlineData("https://os.agno.com")]
    [InlineData("http://localhost")]
    [InlineData("http://localhost:80")]
    public async Task Pages_of_known_origins_and_of_the_server_itself_run_agents(string origin)
    {
        await using var api = await TestApi.StartAsync();

        using var response = await SendAsync(api, HttpMethod.Post, Runs, origin, TestApi.Form(("message", "Hi"), ("stream", "false")));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Whoever_names_no_origin_is_no_page()
    {
        await using var api = await TestApi.StartAsync();

        Assert.StartsWith("200", await api.PostAsync(Runs, ("message", "Hi"), ("stream", "false")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("evil.example:80", HttpStatusCode.BadRequest)]
    [InlineData("localhost.evil.example", HttpStatusCode.BadRequest)]
    [InlineData("10.0.0.1", HttpStatusCode.BadRequest)]
    [InlineData("localhost:1", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", HttpStatusCode.OK)]
    [InlineData("[::1]:7777", HttpStatusCode.OK)]
    public async Task A_server_on_loopback_answers_to_the_names_of_this_machine_only(string host, HttpStatusCode expected)
    {
        await using var api = await TestApi.StartOnNetworkAsync();

        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = host } };
        using var response = await api.Client.SendAsync(request, TestApi.Stop);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(
            expected == HttpStatusCode.BadRequest,
            await response.Content.ReadAsStringAsync(TestApi.Stop) == """{"detail":"This server does not answer to the host that the request names. Add it to AgentOs:AllowedHosts."}""");
    }

    [Fact]
    public async Task Names_that_the_server_is_given_count_besides_those_of_the_machine()
    {
        await using var api = await TestApi.StartOnNetworkAsync(os => os.AllowedHosts.Add("*.team.example"));

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync("agents.team.example"));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync("localhost"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusOfAsync("team.example.evil"));

        async Task<HttpStatusCode> StatusOfAsync(string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = host } };
            using var response = await api.Client.SendAsync(request, TestApi.Stop);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    [InlineData("text/json")]
    public async Task JSON_that_a_form_could_send_is_refused(string type)
    {
        await using var api = await TestApi.StartAsync();

        var answer = await api.SendAsync(HttpMethod.Post, "/sessions", new StringContent("""{"session_id":"s1"}""", Encoding.UTF8, type));

        Assert.StartsWith("""422 {"detail":[{"type":"model_attributes_type","loc":["body"],""", answer, StringComparison.Ordinal);
        Assert.StartsWith("404", await api.SendAsync(HttpMethod.Get, "/sessions/s1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    [InlineData("application/merge-patch+json")]
    public async Task JSON_under_its_own_names_is_taken(string type)
    {
        await using var api = await TestApi.StartAsync();
        using var body = new ByteArrayContent("""{"session_id":"s1"}"""u8.ToArray());
        body.Headers.TryAddWithoutValidation("Content-Type", type);

        Assert.StartsWith("201", await api.SendAsync(HttpMethod.Post, "/sessions", body), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(TestApi api, HttpMethod method, string path, string origin, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.TryAddWithoutValidation("Origin", origin);
        return await api.Client.SendAsync(request, TestApi.Stop);
    }
}
