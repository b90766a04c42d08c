using System.Net;

namespace Cluster.Api.Tests;

public sealed class CorsTests
{
    private const string Known = "https://os.agno.com";

    [Fact]
    public async Task A_preflight_of_a_known_origin_is_answered_as_recorded()
    {
        await using var api = await TestApi.StartAsync();

        using var response = await PreflightAsync(api, Known, "authorization,content-type");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("OK", await response.Content.ReadAsStringAsync(TestApi.Stop));
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("Origin", response.Headers.Vary.Single());
        Assert.Equal("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", Header(response, "access-control-allow-methods"));
        Assert.Equal("600", Header(response, "access-control-max-age"));
        Assert.Equal("true", Header(response, "access-control-allow-credentials"));
        Assert.Equal(Known, Header(response, "access-control-allow-origin"));
        Assert.Equal("authorization,content-type", Header(response, "access-control-allow-headers"));
    }

    [Fact]
    public async Task A_preflight_of_a_foreign_origin_is_refused()
    {
        await using var api = await TestApi.StartAsync();

        using var response = await PreflightAsync(api, "https://evil.example");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("Disallowed CORS origin", await response.Content.ReadAsStringAsync(TestApi.Stop));
        Assert.False(response.Headers.Contains("access-control-allow-origin"));
    }

    [Theory]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/nope")]
    [InlineData("GET", "/broken")]
    [InlineData("GET", "/agents/nope")]
    [InlineData("POST", "/agents/echo-agent/runs")]
    public async Task Every_answer_to_a_known_origin_is_marked_errors_too(string method, string path)
    {
        await using var api = await TestApi.StartAsync();

        using var response = await SendAsync(api, new HttpMethod(method), path, Known);

        Assert.Equal("true", Header(response, "access-control-allow-credentials"));
        Assert.Equal("*", Header(response, "access-control-expose-headers"));
        Assert.Equal(Known, Header(response, "access-control-allow-origin"));
        Assert.Equal("Origin", Header(response, "vary"));
    }

    [Fact]
    public async Task A_stream_is_marked()
    {
        await using var api = await TestApi.StartAsync();

        using var response = await SendAsync(api, HttpMethod.Post, "/agents/echo-agent/runs", Known, TestApi.Form(("message", "Hi")));

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Known, Header(response, "access-control-allow-origin"));
    }

    [Fact]
    public async Task Origins_of_the_configuration_replace_the_default_ones()
    {
        await using var api = await TestApi.StartAsync(options: os =>
        {
            os.AllowedOrigins.Add("*");
            os.AllowedOrigins.Add("https://mine.example");
        });

        using var mine = await PreflightAsync(api, "https://mine.example");
        using var usual = await PreflightAsync(api, Known);

        Assert.Equal(HttpStatusCode.OK, mine.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, usual.StatusCode);
    }

    [Fact]
    public async Task Origins_may_stand_in_one_setting_separated_by_commas()
    {
        await using var api = await TestApi.StartAsync(
            settings: new Dictionary<string, string?> { ["AgentOs:AllowedOrigins"] = "https://a.example, https://b.example" });

        using var response = await PreflightAsync(api, "https://b.example");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join("|", response.Headers.GetValues(name));

    private static async Task<HttpResponseMessage> SendAsync(TestApi api, HttpMethod method, string path, string origin, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "Origin", origin } }, Content = body };
        return await api.Client.SendAsync(request, TestApi.Stop);
    }

    private static async Task<HttpResponseMessage> PreflightAsync(TestApi api, string origin, string? headers = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/agents") { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" } } };
        if (headers is not null)
        {
            request.Headers.Add("Access-Control-Request-Headers", headers);
        }

        return await api.Client.SendAsync(request, TestApi.Stop);
    }
}
