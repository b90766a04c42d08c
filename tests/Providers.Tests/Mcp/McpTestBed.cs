using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Scopes;
using Cluster.Engine.Tools;
using Cluster.Providers.Mcp;
using Cluster.Providers.Tests.Toolkits;

namespace Cluster.Providers.Tests.Mcp;

/// <summary>Makes toolkits of the test server and calls them as the loop does; it ends them with the test.</summary>
public sealed class McpTestBed : IAsyncDisposable
{
    private readonly List<Toolkit> _toolkits = [];
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public string Directory => _directory.Path;

    public static McpCommand Command(params string[] arguments) =>
        new(["dotnet", Path.Combine(AppContext.BaseDirectory, "Cluster.Mcp.Host.dll"), .. arguments]);

    public string NewFile() => Path.Combine(_directory.Path, $"{Guid.NewGuid():N}.txt");

    public Toolkit Stdio(Func<McpToolkitOptions, McpToolkitOptions>? change = null) => Create(new McpToolkitOptions { Name = "test", Endpoint = Command() }, change);

    public Toolkit Http(ToolkitServer server, Func<McpToolkitOptions, McpToolkitOptions>? change = null) =>
        Create(new McpToolkitOptions { Name = "test", Endpoint = new McpAddress(new Uri(server.Url + "/mcp")) }, change);

    public static Task<ToolResult> CallAsync(Toolkit toolkit, string tool, object? arguments = null) => CallUntilAsync(toolkit, tool, arguments, Stop);

    /// <summary>Calls a tool for somebody who may leave.</summary>
    public static async Task<ToolResult> CallUntilAsync(Toolkit toolkit, string tool, object? arguments, CancellationToken leaving)
    {
        var tools = await toolkit.Source!.LoadAsync(Stop);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(leaving, Stop);
        return await tools.Single(candidate => candidate.Name == tool)
            .CallAsync(JsonSerializer.SerializeToElement(arguments ?? new { }), ToolCalls.NewContext(), either.Token);
    }

    /// <summary>Calls a tool of a user's, and gives the refusal when there is one.</summary>
    public static async Task<ToolResult> CallForAsync(IPersonalToolSource source, string userId, string tool, object arguments)
    {
        var tools = await source.LoadForAsync(new Scope(TenantId.Default, userId), Stop);
        try
        {
            return await tools.Single(candidate => candidate.Name == tool)
                .CallAsync(JsonSerializer.SerializeToElement(arguments), ToolCalls.NewContext() with { Scope = new Scope(TenantId.Default, userId) }, Stop);
        }
        catch (EngineException refusal)
        {
            return refusal.Message;
        }
    }

    /// <summary>Waits until a file has so many lines: a process writes them.</summary>
    public static async Task<string[]> LinesAsync(string file, int count)
    {
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(file)!, Path.GetFileName(file));
        var changed = new SemaphoreSlim(0);
        watcher.Changed += (_, _) => changed.Release();
        watcher.Created += (_, _) => changed.Release();
        watcher.EnableRaisingEvents = true;
        while (true)
        {
            if (File.Exists(file) && await File.ReadAllLinesAsync(file, Stop) is { } lines && lines.Length >= count)
            {
                return lines;
            }

            Assert.True(await changed.WaitAsync(TimeSpan.FromSeconds(60), Stop), $"{file} has not got {count} lines.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_toolkits.Select(toolkit => toolkit.Source!.DisposeAsync().AsTask()));
        _directory.Dispose();
    }

    private Toolkit Create(McpToolkitOptions options, Func<McpToolkitOptions, McpToolkitOptions>? change)
    {
        var toolkit = McpToolkit.Create(change?.Invoke(options) ?? options);
        _toolkits.Add(toolkit);
        return toolkit;
    }
}
