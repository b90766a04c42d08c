using System.ComponentModel;
using System.Text.Json;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Contexts;

/// <summary>The tool with which a model has the conversation summarised. The call is only a wish: the summary is made before the model is asked again.</summary>
internal static class CompactionTool
{
    public const string Name = "compact_conversation";

    public static Tool Compact { get; } = Tool.Create(CompactConversation, new ToolOptions { Name = Name, Effect = ToolEffect.Pure });

    /// <summary>Reads what the summary is to keep.</summary>
    /// <returns>It; empty when the model did not say.</returns>
    public static string Focus(JsonElement? arguments) =>
        arguments is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("focus", out var focus) && focus.ValueKind == JsonValueKind.String
            ? focus.GetString()!
            : string.Empty;

    [Description("Replaces the conversation so far by a summary, to make room. Use it when a part of the work is done and its details are not needed any more.")]
    private static string CompactConversation([Description("What the summary has to keep; leave it out for what matters in general.")] string? focus = null) =>
        string.IsNullOrWhiteSpace(focus) ? "The conversation so far will be summarised." : $"The conversation so far will be summarised. Kept will be: {focus}";
}
