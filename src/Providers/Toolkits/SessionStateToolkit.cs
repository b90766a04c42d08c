using System.ComponentModel;
using System.Text.Json;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits;

/// <summary>What a session remembers between its runs.</summary>
public static class SessionStateToolkit
{
    /// <summary>A change is recorded together with the call's result, so a call without a result has changed nothing.</summary>
    private static readonly ToolOptions Repeatable = new() { Effect = ToolEffect.Pure };

    /// <summary>Makes the toolkit <c>session_state</c>.</summary>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create() => new()
    {
        Name = "session_state",
        Tools = [Tool.Create(GetSessionState, Repeatable), Tool.Create(SetSessionState, Repeatable), Tool.Create(DeleteSessionState, Repeatable)],
    };

    [Description("Gives what the session remembers under a key, or everything.")]
    private static string GetSessionState(RunContext context, [Description("The key; null for everything.")] string? key = null) =>
        key is null ? ToolJson.Write(context.State.Value)
            : context.State.Value.TryGetProperty(key, out var value) ? ToolJson.Write(value)
            : $"There is nothing under '{key}'. There are: {string.Join(", ", context.State.Value.EnumerateObject().Select(member => member.Name))}.";

    [Description("Lets the session remember a value under a key, in place of what was there.")]
    private static string SetSessionState(RunContext context, [Description("The key.")] string key, [Description("The value, anything.")] JsonElement value)
    {
        context.State.Set(key, value);
        return $"The session remembers '{key}'.";
    }

    [Description("Lets the session forget a key. What the agent starts every session with comes back.")]
    private static string DeleteSessionState(RunContext context, [Description("The key.")] string key) =>
        context.State.Remove(key) ? $"The session has forgotten '{key}'." : $"There is nothing under '{key}'.";
}
