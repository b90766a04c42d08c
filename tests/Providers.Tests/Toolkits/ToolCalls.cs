using System.Text.Json;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Tests.Toolkits;

/// <summary>Calls tools of toolkits as the loop does.</summary>
public static class ToolCalls
{
    public static Task<string> CallAsync(this Toolkit toolkit, string tool, object? arguments = null, RunContext? context = null) =>
        toolkit.Tools.Single(candidate => candidate.Name == tool)
            .InvokeAsync(JsonSerializer.SerializeToElement(arguments ?? new { }), context ?? NewContext(), TestContext.Current.CancellationToken);

    public static async Task<JsonElement> CallForJsonAsync(this Toolkit toolkit, string tool, object? arguments = null) =>
        JsonElement.Parse(await toolkit.CallAsync(tool, arguments));

    public static RunContext NewContext(string state = "{}") => new()
    {
        RunId = "run",
        Scope = new Scope(TenantId.Default, null),
        SessionId = "session",
        AgentId = "agent",
        ToolCallId = "call",
        State = new SessionState(JsonElement.Parse(state)),
    };

    public static string Text(this JsonElement json, string member) => json.GetProperty(member).GetString()!;
}
