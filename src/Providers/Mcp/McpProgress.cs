using System.Text.Json;
using Cluster.Engine.Tools;
using Cluster.Providers.Models;
using ModelContextProtocol;

namespace Cluster.Providers.Mcp;

/// <summary>Tells clients how far a call is.</summary>
/// <param name="server">The server's name.</param>
/// <param name="tool">The tool's name.</param>
/// <param name="context">The run that calls; null for nobody.</param>
internal sealed class McpProgress(string server, string tool, RunContext? context) : IProgress<ProgressNotificationValue>
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
            ["message"] = value.Message,
        };
        context?.Tell(JsonSerializer.SerializeToElement(told.Where(member => member.Value is not null).ToDictionary(), ToolArguments.Compact));
    }
}
