using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models.Wire;

/// <summary>
/// What a vendor sends beside the words of a message and wants back as it was: OpenRouter's <c>reasoning_details</c>, <c>thinking_blocks</c> of proxies before Anthropic, and
/// <c>extra_content</c>. It travels as the protected data of a thought, under the name of the vendor, so that no other gets it.
/// </summary>
internal sealed class WireBlocks
{
    private const string Mark = "wire:";

    private static readonly string[] Lists = ["reasoning_details", "thinking_blocks"];
    private static readonly string[] Texts = ["text", "summary", "thinking"];

    private readonly JsonObject _members = [];

    /// <summary>Takes in the piece of a message.</summary>
    /// <param name="delta">The piece.</param>
    /// <returns>The text of the thoughts among it.</returns>
    public string Hear(JsonElement delta)
    {
        var text = string.Empty;
        foreach (var name in Lists)
        {
            foreach (var block in WireJson.Elements(WireJson.Member(delta, name)).Where(block => block.ValueKind == JsonValueKind.Object))
            {
                text += Add(name, block);
            }
        }

        if (WireJson.Member(delta, "extra_content") is { ValueKind: JsonValueKind.Object } extra)
        {
            _members["extra_content"] = WireJson.ToNode(extra);
        }

        return text;
    }

    /// <summary>Gives what the vendor wants back; null for nothing.</summary>
    /// <param name="vendor">The vendor's name.</param>
    public TextReasoningContent? Complete(string vendor) =>
        _members.Count == 0 ? null : new TextReasoningContent(string.Empty) { ProtectedData = $"{Mark}{vendor}:{_members.ToJsonString(ToolArguments.Compact)}" };

    /// <summary>Tells whether protected data is of this kind, whosever it is.</summary>
    public static bool IsMarked(string? protectedData) => protectedData?.StartsWith(Mark, StringComparison.Ordinal) == true;

    /// <summary>Gives the members that a vendor gets back with a message; null for none.</summary>
    /// <param name="vendor">The vendor's name.</param>
    /// <param name="protectedData">What was kept.</param>
    public static JsonObject? Restore(string vendor, string? protectedData) =>
        protectedData?.StartsWith($"{Mark}{vendor}:", StringComparison.Ordinal) == true ? UniqueMembers.ToNode(JsonElement.Parse(protectedData[(Mark.Length + vendor.Length + 1)..])) as JsonObject : null;

    /// <summary>A block that goes on is put together; its kind and number say that it is the same.</summary>
    private string Add(string name, JsonElement block)
    {
        var blocks = _members[name] as JsonArray;
        if (blocks is null)
        {
            _members[name] = blocks = [];
        }

        var next = WireJson.ToNode(block)!.AsObject();
        var text = string.Concat(Texts.Select(member => WireJson.Text(block, member)));
        if (blocks is not [.., JsonObject last] || !GoesOn(last, next))
        {
            blocks.Add((JsonNode)next);
            return text;
        }

        foreach (var (member, value) in next.ToArray())
        {
            if (Texts.Contains(member) && (string?)last[member] is { } begun)
            {
                last[member] = begun + (string?)value;
            }
            else if (value is not null && !(value.GetValueKind() == JsonValueKind.String && string.IsNullOrEmpty((string?)value)))
            {
                next.Remove(member);
                last[member] = value;
            }
        }

        return text;
    }

    private static bool GoesOn(JsonObject last, JsonObject next)
    {
        // What is encrypted comes whole, and a signature closes a block of thinking.
        var isText = Texts.Any(last.ContainsKey) && !next.ContainsKey("data");
        var isNumbered = last.ContainsKey("index") || next.ContainsKey("index");
        return isText && Same("type") && Same("id", mayBeMissing: true) && (isNumbered ? Same("index") : string.IsNullOrEmpty((string?)last["signature"]) && !last.ContainsKey("format"));

        bool Same(string member, bool mayBeMissing = false) =>
            JsonNode.DeepEquals(last[member], next[member]) || (mayBeMissing && (last[member] is null || next[member] is null));
    }
}
