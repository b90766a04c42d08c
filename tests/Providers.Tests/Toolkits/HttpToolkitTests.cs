using System.Net;
using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class HttpToolkitTests : IAsyncLifetime
{
    private ToolkitServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ToolkitServer.StartAsync(app =>
    {
        app.MapMethods("/text", ["GET", "HEAD"], () => Results.Text("Grüße", "text/plain", Encoding.Latin1));
        app.MapPost("/echo", async (HttpRequest request) => Results.Text(await new StreamReader(request.Body).ReadToEndAsync(), request.ContentType));
        app.MapGet("/big", () => Results.Text(new string('x', 5000)));
        app.MapGet("/image", () => Results.Bytes([0, 1, 2], "image/png"));
        app.MapGet("/hop", (string to) => Results.Redirect(to));
        app.MapGet("/loop", () => Results.Redirect("/loop"));
        app.MapGet("/slow", (HttpContext context) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
    });

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_fetch_gives_status_type_and_text_in_the_servers_character_set()
    {
        var answer = await Open().CallForJsonAsync("http_fetch", new { url = _server.Url + "/text", headers = new { Accept = "text/plain" } });

        Assert.Equal((200, "text/plain", "Grüße"), (answer.GetProperty("status").GetInt32(), answer.Text("content_type"), answer.Text("body")));
        Assert.Equal("text/plain", _server.Requests[0].Headers["Accept"]);
    }

    [Fact]
    public async Task A_HEAD_gives_the_length_and_no_body()
    {
        var answer = await Open().CallForJsonAsync("http_fetch", new { url = _server.Url + "/text", method = "HEAD" });

        Assert.Equal((200, false), (answer.GetProperty("status").GetInt32(), answer.TryGetProperty("body", out _)));
        Assert.Equal("HEAD /text", _server.Requests[0].Route);
    }

    [Fact]
    public async Task A_status_that_is_no_success_is_told_and_not_thrown() =>
        Assert.Equal(404, (await Open().CallForJsonAsync("http_fetch", new { url = _server.Url + "/nothing" })).GetProperty("status").GetInt32());

    [Fact]
    public async Task A_long_answer_is_cut_and_says_so()
    {
        var answer = await Open(new HttpToolkitOptions { MaxBytes = 1000, MaxLetters = 10 }).CallForJsonAsync("http_fetch", new { url = _server.Url + "/big" });

        Assert.Equal("xxxxxxxxxx\n[990 more characters were left out. Fetch something smaller.]", answer.Text("body"));
        Assert.Equal("Only the first 1000 bytes were read.", answer.Text("truncated"));
    }

    [Fact]
    public async Task What_is_not_text_is_left_out() =>
        Assert.Equal("[This is not text and is left out.]", (await Open().CallForJsonAsync("http_fetch", new { url = _server.Url + "/image" })).Text("body"));

    [Fact]
    public async Task Posting_is_only_there_when_it_is_allowed()
    {
        Assert.Equal(["http_fetch"], HttpToolkit.Create().Tools.Select(tool => tool.Name));

        var toolkit = Open(new HttpToolkitOptions { AllowPost = true });
        var answer = await toolkit.CallForJsonAsync("http_post", new { url = _server.Url + "/echo", body = "{\"a\":1}" });

        Assert.Equal("{\"a\":1}", answer.Text("body"));
        Assert.Equal([ToolEffect.Pure, ToolEffect.Once], toolkit.Tools.Select(tool => tool.Options.Effect));
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/text")]
    [InlineData("http://localhost:{0}/text")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/text")]
    [InlineData("http://2130706433:{0}/text")]
    [InlineData("http://0x7f.1:{0}/text")]
    [InlineData("http://0.0.0.0:{0}/text")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    public async Task Addresses_inside_of_networks_are_not_connected_to(string url)
    {
        var refusal = await Assert.ThrowsAsync<ForbiddenException>(() =>
            HttpToolkit.Create().CallAsync("http_fetch", new { url = url.Replace("{0}", $"{_server.Port}", StringComparison.Ordinal) }));

        Assert.EndsWith("is an address inside of a network, which is not allowed. Use a public address.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_name_that_stands_for_an_inner_address_leads_nowhere()
    {
        using var http = ToolHttp.Create((_, _) => Task.FromResult(new[] { IPAddress.Loopback, IPAddress.Parse("fd00:ec2::254") }), AddressGuard.IsPublic);

        await Assert.ThrowsAsync<ForbiddenException>(() =>
            HttpToolkit.Create(new HttpToolkitOptions(), http).CallAsync("http_fetch", new { url = $"http://innocent.example:{_server.Port}/text" }));

        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_redirect_to_an_inner_address_is_not_followed()
    {
        // The first hop counts as public; the name it redirects to stands for the same machine and does not.
        using var http = ToolHttp.Create(
            (host, _) => Task.FromResult(new[] { host == "public.example" ? IPAddress.Loopback : IPAddress.Parse("127.0.0.2") }), address => address.Equals(IPAddress.Loopback));
        var toolkit = HttpToolkit.Create(new HttpToolkitOptions(), http);

        await Assert.ThrowsAsync<ForbiddenException>(() =>
            toolkit.CallAsync("http_fetch", new { url = $"http://public.example:{_server.Port}/hop?to=http://inner.example:{_server.Port}/text" }));

        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_redirect_is_followed_and_keeps_headers_from_other_servers()
    {
        await using var other = await ToolkitServer.StartAsync(app => app.MapGet("/there", () => Results.Text("found")));

        var answer = await Open().CallForJsonAsync("http_fetch", new { url = $"{_server.Url}/hop?to={other.Url}/there", headers = new { Authorization = "Bearer x" } });

        Assert.Equal(("found", other.Url + "/there"), (answer.Text("body"), answer.Text("url")));
        Assert.Equal((true, false), (_server.Requests[0].Headers.ContainsKey("Authorization"), other.Requests[0].Headers.ContainsKey("Authorization")));
    }

    [Fact]
    public async Task A_redirect_to_a_denied_host_is_refused()
    {
        var toolkit = Open(new HttpToolkitOptions { DeniedHosts = ["localhost"] });

        var refusal = await Assert.ThrowsAsync<ForbiddenException>(() =>
            toolkit.CallAsync("http_fetch", new { url = $"{_server.Url}/hop?to=http://localhost:{_server.Port}/text" }));

        Assert.Equal("The host 'localhost' is not allowed. Use another source.", refusal.Message);
    }

    [Theory]
    [InlineData("https://example.org/", "The host 'example.org' is not allowed. Allowed are: example.com, *.example.net.")]
    [InlineData("https://badexample.net/", "The host 'badexample.net' is not allowed. Allowed are: example.com, *.example.net.")]
    [InlineData("https://deep.denied.example.net./", "The host 'deep.denied.example.net' is not allowed. Use another source.")]
    [InlineData("file:///etc/passwd", "Addresses with 'file:' cannot be fetched. Use http: or https:.")]
    [InlineData("example.com", "'example.com' is no address. Give a whole one, for instance https://example.com/page.")]
    [InlineData("https://me:secret@example.com/", "The address has a user name in it. Leave that out.")]
    public async Task An_address_that_may_not_be_asked_is_refused_with_the_reason(string url, string message)
    {
        var toolkit = HttpToolkit.Create(new HttpToolkitOptions { AllowedHosts = ["example.com", "*.example.net"], DeniedHosts = ["*.denied.example.net"] });

        var refusal = await Assert.ThrowsAnyAsync<EngineException>(() => toolkit.CallAsync("http_fetch", new { url }));

        Assert.Equal(message, refusal.Message);
    }

    [Fact]
    public async Task Redirects_without_an_end_are_given_up()
    {
        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => Open().CallAsync("http_fetch", new { url = _server.Url + "/loop" }));

        Assert.Equal("127.0.0.1 redirects more than 5 times. Use another address.", refusal.Message);
        Assert.Equal(6, _server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_takes_too_long_is_given_up()
    {
        var toolkit = Open(new HttpToolkitOptions { Timeout = TimeSpan.FromMilliseconds(200) });

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => toolkit.CallAsync("http_fetch", new { url = _server.Url + "/slow" }));

        Assert.Equal("The answer of 127.0.0.1 took longer than 0.2 seconds and was stopped. Try again later, or ask for less.", refusal.Message);
    }

    [Theory]
    [InlineData("Host", "x")]
    [InlineData("X-A", "a\r\nB: c")]
    [InlineData("", "x")]
    [InlineData("Expires", "0")]
    public async Task Headers_that_would_change_the_request_are_refused(string name, string value) =>
        await Assert.ThrowsAsync<InvalidRequestException>(() =>
            Open().CallAsync("http_fetch", new { url = _server.Url + "/text", headers = new Dictionary<string, string> { [name] = value } }));

    [Fact]
    public async Task A_header_of_the_body_is_refused_with_what_to_use_instead()
    {
        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => Open(new HttpToolkitOptions { AllowPost = true })
            .CallAsync("http_post", new { url = _server.Url + "/echo", body = "a,b", headers = new Dictionary<string, string> { ["content-type"] = "text/csv" } }));

        Assert.Equal("The header 'content-type' belongs to a body and cannot be sent here. Leave it out; http_post takes the type of its body as 'contentType'.", refusal.Message);
    }

    [Theory]
    [InlineData("Accept", "Mozilla/5.0 (compatible; Cluster agent)")]
    [InlineData("User-Agent", "mine/1.0")]
    public async Task The_user_agent_is_ours_unless_another_is_given(string header, string expected)
    {
        await Open().CallAsync("http_fetch", new { url = _server.Url + "/text", headers = new Dictionary<string, string> { [header] = "mine/1.0" } });

        Assert.Equal(expected, _server.Requests[0].Headers["User-Agent"]);
    }

    private static Toolkit Open(HttpToolkitOptions? options = null) =>
        HttpToolkit.Create((options ?? new HttpToolkitOptions()) with { AllowPrivateAddresses = true });
}
