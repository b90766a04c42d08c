using System.Net;
using Cluster.Engine.Errors;
using Cluster.Providers.Toolkits.Http;

namespace Cluster.Providers.Tests.Toolkits;

/// <summary>Hosts that are denied, in whatever way they are written.</summary>
public sealed class HostRuleTests
{
    [Theory]
    [InlineData("127.0.0.1", "http://0.0.0.0/")]
    [InlineData("127.0.0.1", "http://0/")]
    [InlineData("127.0.0.1", "http://[::]/")]
    [InlineData("127.0.0.1", "http://[::1]/")]
    [InlineData("127.0.0.1", "http://[::ffff:127.0.0.1]/")]
    [InlineData("127.0.0.1", "http://[::ffff:7f00:1]/")]
    [InlineData("127.0.0.1", "http://[64:ff9b::7f00:1]/")]
    [InlineData("127.0.0.1", "http://[2002:7f00:1::]/")]
    [InlineData("127.0.0.1", "http://2130706433/")]
    [InlineData("127.0.0.1", "http://0x7f.1/")]
    [InlineData("127.0.0.1", "http://0177.0.0.1/")]
    [InlineData("127.0.0.1", "http://127.1/")]
    [InlineData("127.0.0.1", "http://127.0.0.1./")]
    [InlineData("127.0.0.1", "http://127.8.9.10/")]
    [InlineData("127.0.0.1", "http://localhost/")]
    [InlineData("127.0.0.1", "http://LOCALHOST./")]
    [InlineData("0x7f.1", "http://127.0.0.1/")]
    [InlineData("[::1]", "http://127.0.0.1/")]
    [InlineData("::1", "http://[0:0:0:0:0:0:0:1]/")]
    [InlineData("localhost", "http://localhost./")]
    [InlineData("localhost", "http://0.0.0.0/")]
    [InlineData("localhost", "http://[::]/")]
    [InlineData("10.0.0.5", "http://[::ffff:10.0.0.5]/")]
    [InlineData("10.0.0.5", "http://[64:ff9b:1::a00:5]/")]
    [InlineData("10.0.0.5", "http://167772165/")]
    [InlineData("bücher.example", "http://xn--bcher-kva.example/")]
    [InlineData("xn--bcher-kva.example", "http://bücher.example./")]
    [InlineData("*.Example.NET.", "http://deep.example.net/")]
    public void A_denied_host_is_denied_however_it_is_written(string denied, string url) =>
        Assert.Throws<ForbiddenException>(() => new HostRules([], [denied]).Check(url));

    [Theory]
    [InlineData("127.0.0.1", "http://10.0.0.1/")]
    [InlineData("10.0.0.5", "http://10.0.0.6/")]
    [InlineData("10.0.0.5", "http://127.0.0.1/")]
    [InlineData("example.com", "http://notexample.com/")]
    [InlineData("localhost", "http://127.0.0.1/")]
    public void Another_host_is_not(string denied, string url) => Assert.NotNull(new HostRules([], [denied]).Check(url));

    [Fact]
    public async Task A_name_that_stands_for_a_denied_address_is_not_connected_to()
    {
        var rules = new HostRules([], ["127.0.0.1"]);
        using var http = ToolHttp.Create((_, _) => Task.FromResult(new[] { IPAddress.Parse("0.0.0.0"), IPAddress.IPv6Loopback }), address => !rules.Denies(address), host => $"no {host}");
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://innocent.example:9/");

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.SendAsync(request, TestContext.Current.CancellationToken));

        Assert.Equal("no innocent.example", Assert.IsType<ForbiddenException>(failure.InnerException).Message);
    }

    [Fact]
    public void Where_addresses_are_denied_connections_are_not_shared_with_those_who_deny_none()
    {
        Assert.Same(ToolHttp.Open, ToolHttp.For(reachesInside: true, new HostRules([], ["example.com"])));
        Assert.Same(ToolHttp.Guarded, ToolHttp.For(reachesInside: false, new HostRules(["example.com"], [])));
        using var own = ToolHttp.For(reachesInside: true, new HostRules([], ["10.0.0.1"]));
        Assert.NotSame(ToolHttp.Open, own);
    }

    private static readonly Func<object>[] ZeroTimeouts =
    [
        () => new HttpToolkitOptions { Timeout = TimeSpan.Zero },
        () => new Cluster.Providers.Toolkits.WebPages.WebPageToolkitOptions { Timeout = TimeSpan.FromSeconds(-5) },
        () => new Cluster.Providers.Toolkits.Sql.SqlToolkitOptions { ConnectionString = "x", Timeout = TimeSpan.Zero },
        () => new Cluster.Providers.Toolkits.OpenApi.OpenApiToolkitOptions { Name = "a", Document = "b", Timeout = TimeSpan.Zero },
        () => new Cluster.Providers.Toolkits.Apis.ApiToolkitOptions { Timeout = TimeSpan.Zero },
        () => new Cluster.Providers.Mcp.McpToolkitOptions { Name = "a", Endpoint = new Cluster.Providers.Mcp.McpCommand(["a"]), Timeout = TimeSpan.Zero },
        () => new Cluster.Providers.Mcp.McpToolkitOptions { Name = "a", Endpoint = new Cluster.Providers.Mcp.McpCommand(["a"]), ConnectTimeout = TimeSpan.Zero },
    ];

    [Fact]
    public void A_toolkit_takes_no_time_limit_of_nothing() => Assert.All(ZeroTimeouts, make => Assert.Throws<InvalidRequestException>(make));
}
