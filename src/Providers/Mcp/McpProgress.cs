using System.Text.Json;
using Cluster.Engine.Tools;
using Cluster.Providers.Models;
using Cluster.Providers.Toolkits;
using ModelContextProtocol;

namespace Cluster.Providers.Mcp;

/// <summary>Tells clients how far a call is.</summary>
/// <param name="server">The server's name.</param>
/// <param name="tool">The tool's name.</param>
/// <param name="secrets">What has to be kept out of what the server says.</param>
/// <param name="context">The run that calls; null for nobody.</param>
internal sealed class McpProgress(string server, string tool, SecretFilter secrets, RunContext? context) : IProgress<ProgressNotificationValue>
{
    public void Report(ProgressNotificationValue value)
    {
        var told = new Dictionary<string, object?>
        {
            ["type"] = "mcp_progress",
            ["server_name"] = server,
            ["tool_name"] = tool,
            ["progress"] = value.Progress,
            ["total"] = value.Total,
            ["message"] = value.Message is { } message ? secrets.Redact(message) : null,
        };
        context?.Tell(JsonSerializer.SerializeToElement(told.Where(member => member.Value is not null).ToDictionary(), ToolArguments.Compact));
    }
}
