using System.Diagnostics;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Mcp;
using Cluster.Providers.Tests.Toolkits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Cluster.Providers.Tests.Mcp;

public sealed class McpFailureTests : IAsyncLifetime
{
    private readonly McpTestBed _bed = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task A_call_that_dies_with_its_server_is_not_made_again_and_the_next_one_finds_a_new_server()
    {
        var (toolkit, file) = (_bed.Stdio(), _bed.NewFile());

        var lost = await Assert.ThrowsAsync<UnavailableException>(() => McpTestBed.CallAsync(toolkit, "die", new { file }));

        Assert.Equal("The MCP server 'test' was lost while 'die' worked. Whether it has done its work is not known.", lost.Message);
        Assert.Single(await File.ReadAllLinesAsync(file, Stop));
        Assert.Equal("alive", (await McpTestBed.CallAsync(toolkit, "die", new { file })).Content);
    }

    [Fact]
    public async Task A_call_that_only_reads_is_made_again_when_its_server_dies()
    {
        var (toolkit, file) = (_bed.Stdio(), _bed.NewFile());

        Assert.Equal("alive", (await McpTestBed.CallAsync(toolkit, "die_reading", new { file })).Content);
        Assert.Equal(2, (await File.ReadAllLinesAsync(file, Stop)).Length);
    }

    [Fact]
    public async Task A_server_that_was_killed_during_a_call_is_started_again_for_the_next()
    {
        var (toolkit, file) = (_bed.Stdio(), _bed.NewFile());
        var hanging = McpTestBed.CallAsync(toolkit, "hang", new { file });
        using var process = Process.GetProcessById(int.Parse((await McpTestBed.LinesAsync(file, 1))[0], System.Globalization.CultureInfo.InvariantCulture));

        process.Kill();

        await Assert.ThrowsAsync<UnavailableException>(() => hanging);
        Assert.Equal("hi", (await McpTestBed.CallAsync(toolkit, "echo", new { text = "hi" })).Content);
    }

    [Fact]
    public async Task A_call_that_is_given_up_ends_at_once_and_the_server_serves_the_next()
    {
        var (toolkit, file) = (_bed.Stdio(), _bed.NewFile());
        using var leaving = new CancellationTokenSource();
        var hanging = McpTestBed.CallUntilAsync(toolkit, "hang", new { file }, leaving.Token);
        await McpTestBed.LinesAsync(file, 1);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        Assert.Equal("hi", (await McpTestBed.CallAsync(toolkit, "echo", new { text = "hi" })).Content);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_login_is_told_and_works_once_there_is_a_token()
    {
        await using var server = await McpHttpServer.StartAsync(app => app.Use(
            (context, next) => context.Request.Headers.Authorization == "Bearer t0ken" ? next(context) : Results.StatusCode(401).ExecuteAsync(context)));
        string? token = null;
        var toolkit = _bed.Http(server, options => options with
        {
            Endpoint = new McpAddress(new Uri(server.Url + "/mcp?key=1")) { FindTokenAsync = _ => ValueTask.FromResult(token) },
        });

        var failure = await Assert.ThrowsAsync<ToolSourceException>(() => toolkit.Source!.LoadAsync(Stop).AsTask());

        Assert.Equal((server.Url + "/mcp", "The MCP server 'test' is not available. It asks for a login. Its tools are missing until it is back."), (failure.LoginServer?.AbsoluteUri, failure.Message));
        token = "t0ken";
        await LoadAsync(toolkit);
        Assert.Equal("I have …", (await McpTestBed.CallAsync(toolkit, "echo", new { text = "I have t0ken" })).Content);
    }

    [Fact]
    public async Task Closing_ends_the_process_even_in_the_middle_of_a_call()
    {
        var (toolkit, file) = (_bed.Stdio(), _bed.NewFile());
        var hanging = McpTestBed.CallAsync(toolkit, "hang", new { file });
        using var process = Process.GetProcessById(int.Parse((await McpTestBed.LinesAsync(file, 1))[0], System.Globalization.CultureInfo.InvariantCulture));

        await toolkit.Source!.DisposeAsync();

        await process.WaitForExitAsync(Stop);
        await Assert.ThrowsAnyAsync<Exception>(() => hanging);
        await Assert.ThrowsAsync<ToolSourceException>(() => toolkit.Source.LoadAsync(Stop).AsTask());
    }

    [Fact]
    public async Task A_process_that_says_nothing_is_given_up_and_ended()
    {
        var file = _bed.NewFile();
        var toolkit = _bed.Stdio(options => options with { Endpoint = McpTestBed.Command("mute", file), ConnectTimeout = TimeSpan.FromSeconds(3) });
        var loading = toolkit.Source!.LoadAsync(Stop).AsTask();
        using var process = Process.GetProcessById(int.Parse((await McpTestBed.LinesAsync(file, 1))[0], System.Globalization.CultureInfo.InvariantCulture));

        var failure = await Assert.ThrowsAsync<ToolSourceException>(() => loading);

        Assert.Equal("The MCP server 'test' is not available. It did not answer within 3 seconds. Its tools are missing until it is back.", failure.Message);
        await process.WaitForExitAsync(Stop);
    }

    [Fact]
    public async Task What_is_no_message_in_a_servers_output_is_passed_over()
    {
        var toolkit = _bed.Stdio(options => options with { Endpoint = McpTestBed.Command("noisy") });

        Assert.Equal("hi", (await McpTestBed.CallAsync(toolkit, "echo", new { text = "hi" })).Content);
    }

    [Fact]
    public async Task A_process_that_ends_at_once_is_told_with_its_code_and_without_secrets()
    {
        var toolkit = _bed.Stdio(options => options with { Endpoint = McpTestBed.Command("ended"), Secrets = ["s3cret-token"] });

        var failure = await Assert.ThrowsAsync<ToolSourceException>(() => toolkit.Source!.LoadAsync(Stop).AsTask());

        Assert.Equal("The MCP server 'test' is not available. Its process ended with code 3. Its tools are missing until it is back.", failure.Message);
        Assert.DoesNotContain("s3cret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var toolkit = _bed.Stdio(options => options with { Endpoint = new McpCommand(["no-such-program"]) });

        var failure = await Assert.ThrowsAsync<ToolSourceException>(() => toolkit.Source!.LoadAsync(Stop).AsTask());

        Assert.Contains("no-such-program", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_comes_back_is_found_again()
    {
        var server = await McpHttpServer.StartAsync();
        var port = server.Port;
        var toolkit = _bed.Http(server);
        await toolkit.Source!.LoadAsync(Stop);
        await server.DisposeAsync();

        var lost = await Assert.ThrowsAsync<ToolSourceException>(() => McpTestBed.CallAsync(toolkit, "key"));
        await using var next = await McpHttpServer.StartAsync(app => app.Urls.Add($"http://127.0.0.1:{port}"));

        Assert.Contains("cannot be reached", lost.Message, StringComparison.Ordinal);
        await LoadAsync(toolkit);
        Assert.Equal("run/call", (await McpTestBed.CallAsync(toolkit, "key")).Content);
    }

    [Theory]
    [InlineData("/page")]
    [InlineData("/refused")]
    public async Task An_address_that_is_no_MCP_server_is_told(string path)
    {
        await using var server = await ToolkitServer.StartAsync(app =>
        {
            app.MapPost("/page", () => Results.Text("<html>Welcome</html>", "text/html"));
            app.MapPost("/refused", () => Results.StatusCode(403));
        });
        var toolkit = _bed.Http(server, options => options with { Endpoint = new McpAddress(new Uri(server.Url + path)) });

        var failure = await Assert.ThrowsAsync<ToolSourceException>(() => toolkit.Source!.LoadAsync(Stop).AsTask());

        Assert.Contains(path == "/page" ? "does not answer as an MCP server" : "status 403", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A failure counts for as long as it took.</summary>
    private static async Task LoadAsync(Toolkit toolkit)
    {
        while (true)
        {
            try
            {
                await toolkit.Source!.LoadAsync(Stop);
                return;
            }
            catch (ToolSourceException)
            {
                await Task.Yield();
            }
        }
    }
}
