using System.Text;
using System.Text.Json;
using Cluster.Engine.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>
/// Thoughts that a provider has signed or encrypted. It wants them back as they were, block by block, with the results of the tools that they led to.
/// </summary>
internal sealed class SignedThoughts
{
    private const string Signature = "signature";
    private const string Blocks = "thinking";
    private const string Text = "text";

    private readonly List<(string Text, string Signature)> _blocks = [];
    private readonly StringBuilder _open = new();
    private bool _hasUnsigned;

    /// <summary>Takes in the next piece. A signature ends its block.</summary>
    public void Hear(TextReasoningContent piece)
    {
        _open.Append(piece.Text);
        if (string.IsNullOrEmpty(piece.ProtectedData))
        {
            _hasUnsigned = _open.Length > 0;
            return;
        }

        _blocks.Add((_open.ToString(), piece.ProtectedData));
        _open.Clear();
        _hasUnsigned = false;
    }

    /// <summary>Gives what is kept beside the text of the thoughts; null when nothing was signed.</summary>
    public JsonElement? ToProviderData()
    {
        if (_blocks.Count == 0)
        {
            return null;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RelaxedJsonEncoder.Instance }))
        {
            writer.WriteStartObject();
            if (_blocks is [{ Text.Length: > 0 } only] && !_hasUnsigned)
            {
                // The text of a single block is that of the message's thoughts.
                writer.WriteString(Signature, only.Signature);
            }
            else
            {
                WriteBlocks(writer);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.ToArray());
    }

    /// <summary>Gives the thoughts of a message as its provider wants them back.</summary>
    /// <param name="providerData">What was kept; null for nothing.</param>
    /// <param name="reasoning">The text of the thoughts; null for none.</param>
    public static IEnumerable<TextReasoningContent> Restore(JsonElement? providerData, string? reasoning)
    {
        if (providerData is { ValueKind: JsonValueKind.Object } kept && kept.TryGetProperty(Blocks, out var blocks) && blocks.ValueKind == JsonValueKind.Array)
        {
            return blocks.EnumerateArray().Select(block => new TextReasoningContent(block.GetProperty(Text).GetString()) { ProtectedData = block.GetProperty(Signature).GetString() });
        }

        var signature = providerData is { ValueKind: JsonValueKind.Object } data && data.TryGetProperty(Signature, out var value) ? value.GetString() : null;
        return string.IsNullOrEmpty(reasoning) ? [] : [new TextReasoningContent(reasoning) { ProtectedData = signature }];
    }

    private void WriteBlocks(Utf8JsonWriter writer)
    {
        writer.WriteStartArray(Blocks);
        foreach (var (text, signature) in _blocks)
        {
            writer.WriteStartObject();
            writer.WriteString(Text, text);
            writer.WriteString(Signature, signature);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
