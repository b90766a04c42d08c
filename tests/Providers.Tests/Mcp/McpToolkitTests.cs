using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Mcp;
using Cluster.Providers.Tests.Toolkits;

namespace Cluster.Providers.Tests.Mcp;

public sealed class McpToolkitTests : IAsyncLifetime
{
    private readonly McpTestBed _bed = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Tools_of_a_process_are_offered_with_what_the_server_says_of_them()
    {
        var toolkit = _bed.Stdio(options => options with { Include = ["echo", "set.it", "fail"], Exclude = ["fail"], Prefix = "t_" });

        Assert.Empty(toolkit.Offered);
        var tools = await toolkit.Source!.LoadAsync(Stop);

        Assert.Equal(["t_echo", "t_set_it"], tools.Select(tool => tool.Name).Order());
        Assert.Equal(tools, toolkit.Offered);
        var echo = tools.Single(tool => tool.Name == "t_echo");
        Assert.Equal("Says it again.", echo.Description);
        Assert.Equal("What to say.", echo.Parameters.GetProperty("properties").GetProperty("text").Text("description"));
    }

    [Fact]
    public async Task Hints_of_the_server_say_what_may_be_called_again_unless_settings_say_otherwise()
    {
        var hinted = await _bed.Stdio().Source!.LoadAsync(Stop);
        var changed = await _bed.Stdio(options => options with { Configure = tool => tool.Options with { Effect = ToolEffect.Keyed, RequiresConfirmation = true } }).Source!.LoadAsync(Stop);

        Assert.Equal(ToolEffect.Pure, hinted.Single(tool => tool.Name == "echo").Options.Effect);
        Assert.Equal(ToolEffect.Pure, hinted.Single(tool => tool.Name == "set_it").Options.Effect);
        Assert.Equal(ToolEffect.Once, hinted.Single(tool => tool.Name == "fail").Options.Effect);
        Assert.All(changed, tool => Assert.Equal((ToolEffect.Keyed, true), (tool.Options.Effect, tool.Options.RequiresConfirmation)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tool_is_called_over_either_transport(bool overHttp)
    {
        await using var server = overHttp ? await McpHttpServer.StartAsync() : null;
        var toolkit = server is null ? _bed.Stdio() : _bed.Http(server);

        Assert.Equal("hi", (await McpTestBed.CallAsync(toolkit, "echo", new { text = "hi" })).Content);
        Assert.Equal("run/call", (await McpTestBed.CallAsync(toolkit, "key")).Content);
    }

    [Fact]
    public async Task A_process_gets_its_own_environment_and_directory_and_nothing_of_ours()
    {
        Environment.SetEnvironmentVariable("MCP_TEST_OURS", "ours");
        var toolkit = _bed.Stdio(options => options with
        {
            Endpoint = McpTestBed.Command() with { Environment = ImmutableDictionary<string, string>.Empty.Add("THEIRS", "theirs"), WorkingDirectory = _bed.Directory },
        });

        Assert.Equal("theirs", (await McpTestBed.CallAsync(toolkit, "env", new { name = "THEIRS" })).Content);
        Assert.Equal("none", (await McpTestBed.CallAsync(toolkit, "env", new { name = "MCP_TEST_OURS" })).Content);
        Assert.Equal(_bed.Directory, (await McpTestBed.CallAsync(toolkit, "directory")).Content);
    }

    [Fact]
    public async Task Headers_are_sent_with_each_request_and_never_shown()
    {
        await using var server = await McpHttpServer.StartAsync();
        var endpoint = new McpAddress(new Uri(server.Url + "/mcp")) { Headers = ImmutableDictionary<string, string>.Empty.Add("Authorization", "Bearer s3cret-token") };
        var toolkit = _bed.Http(server, options => options with { Endpoint = endpoint });

        Assert.Equal("it is …", (await McpTestBed.CallAsync(toolkit, "echo", new { text = "it is s3cret-token" })).Content);
        var failure = await Assert.ThrowsAsync<InvalidRequestException>(() => McpTestBed.CallAsync(toolkit, "fail"));

        Assert.Equal("no such shelf, …", failure.Message);
        Assert.All(server.Requests, request => Assert.Equal("Bearer s3cret-token", request.Headers["Authorization"]));
        Assert.DoesNotContain("s3cret", endpoint.ToString() + toolkit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_sounds_and_files_are_added_to_the_run()
    {
        var result = await McpTestBed.CallAsync(_bed.Stdio(), "media");

        Assert.Equal(
            "Here:\n[A picture, image/png, is added to the answer.]\n[A sound, audio/wav, is added to the answer.]\ntext of a\n[The file file:///b/c.pdf is added to the answer.]\nd: https://example.com/d (more)",
            result.Content);
        Assert.Equal(("AQID", "image/png", "png"), (result.Media!.Images[0].Content!.Text, result.Media.Images[0].MimeType, result.Media.Images[0].Format));
        Assert.Equal(("BAU=", "audio/wav"), (result.Media.Audio[0].Content!.Text, result.Media.Audio[0].MimeType));
        Assert.Equal(("Bg==", "application/pdf", "c.pdf"), (result.Media.Files[0].Content!.Text, result.Media.Files[0].MimeType, result.Media.Files[0].Filename));
    }

    [Fact]
    public async Task Structured_content_stands_in_for_a_missing_text() =>
        Assert.Equal("""{"sum":5}""", (await McpTestBed.CallAsync(_bed.Stdio(), "structured")).Content);

    [Fact]
    public async Task A_long_answer_is_shortened()
    {
        var answer = (await McpTestBed.CallAsync(_bed.Stdio(options => options with { MaxLetters = 10 }), "echo", new { text = new string('x', 100) })).Content;

        Assert.StartsWith("xxxxxxxxxx", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('x', 11), answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_that_the_server_learns_are_offered_next_time()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var toolkit = _bed.Stdio();
        await McpTestBed.CallAsync(toolkit, "learn", new { name = "juggle" });

        while (!(await toolkit.Source!.LoadAsync(Stop)).Any(tool => tool.Name == "juggle"))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal("juggle done", (await McpTestBed.CallAsync(toolkit, "juggle")).Content);
    }

    [Fact]
    public void Options_that_lead_to_no_server_are_refused()
    {
        Assert.Throws<InvalidRequestException>(() => McpToolkit.Create(new McpToolkitOptions { Name = "a", Endpoint = new McpCommand([]) }));
        Assert.Throws<InvalidRequestException>(() => McpToolkit.Create(new McpToolkitOptions { Name = "a", Endpoint = new McpAddress(new Uri("ftp://localhost")) }));
    }
}
