using System.ComponentModel;
using System.Diagnostics;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Cluster.Mcp.Host;

/// <summary>The tools of a server that does to its clients whatever servers do.</summary>
public static class TestTools
{
    /// <summary>Makes a server's options.</summary>
    public static McpServerOptions Options()
    {
        var tools = new McpServerPrimitiveCollection<McpServerTool>();
        foreach (var (name, method, isReadOnly) in Methods(tools))
        {
            tools.Add(McpServerTool.Create(method, new McpServerToolCreateOptions { Name = name, ReadOnly = isReadOnly ? true : null }));
        }

        tools.Add(McpServerTool.Create(() => "set", new McpServerToolCreateOptions { Name = "set.it", Idempotent = true }));
        return new McpServerOptions
        {
            ServerInfo = new Implementation { Name = "test", Version = "1" },
            ToolCollection = tools,
            Capabilities = new ServerCapabilities { Tools = new ToolsCapability { ListChanged = true } },
        };
    }

    private static IEnumerable<(string Name, Delegate Method, bool IsReadOnly)> Methods(McpServerPrimitiveCollection<McpServerTool> tools) =>
    [
        ("echo", Echo, true),
        ("env", (string name) => Environment.GetEnvironmentVariables()[name]?.ToString() ?? "none", true),
        ("directory", Directory.GetCurrentDirectory, true),
        ("key", (RequestContext<CallToolRequestParams> request) => request.Params?.Meta?["idempotency_key"]?.ToString() ?? "none", false),
        ("die", Die, false),
        ("die_reading", Die, true),
        ("hang", HangAsync, false),
        ("fail", () => new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = "no such shelf, s3cret-token" }] }, false),
        ("media", Media, false),
        ("structured", () => new CallToolResult { StructuredContent = System.Text.Json.JsonElement.Parse("""{"sum":5}""") }, false),
        ("count", CountAsync, false),
        ("learn", (string name) => tools.TryAdd(McpServerTool.Create(() => $"{name} done", new McpServerToolCreateOptions { Name = name })), false),
    ];

    [Description("Says it again.")]
    private static string Echo([Description("What to say.")] string text) => text;

    /// <summary>Notes the call and, the first time, dies before it answers.</summary>
    private static string Die(string file)
    {
        File.AppendAllText(file, "called\n");
        if (File.ReadLines(file).Count() == 1)
        {
            Process.GetCurrentProcess().Kill();
        }

        return "alive";
    }

    /// <summary>Never answers. It notes that it began.</summary>
    private static async Task<string> HangAsync(string file, CancellationToken cancellationToken)
    {
        await File.AppendAllTextAsync(file, $"{Environment.ProcessId}\n", cancellationToken);
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        return "late";
    }

    private static CallToolResult Media() => new()
    {
        Content =
        [
            new TextContentBlock { Text = "Here:" },
            ImageContentBlock.FromBytes(new byte[] { 1, 2, 3 }, "image/png"),
            AudioContentBlock.FromBytes(new byte[] { 4, 5 }, "audio/wav"),
            new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = "file:///a.txt", Text = "text of a" } },
            new EmbeddedResourceBlock { Resource = BlobResourceContents.FromBytes(new byte[] { 6 }, "file:///b/c.pdf", "application/pdf") },
            new ResourceLinkBlock { Uri = "https://example.com/d", Name = "d", Description = "more" },
        ],
    };

    private static Task<string> CountAsync(IProgress<ProgressNotificationValue> progress)
    {
        // Some arrive behind the answer, when nobody listens any more.
        for (var time = 0; time < 50; time++)
        {
            progress.Report(new ProgressNotificationValue { Progress = 1, Total = 2, Message = "half, s3cret-token" });
        }

        return Task.FromResult("counted");
    }
}
