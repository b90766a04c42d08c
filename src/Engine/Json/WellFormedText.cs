using System.Text;
using System.Text.Json;

namespace Cluster.Engine.Json;

/// <summary>
/// Text that can be written as UTF-8. Models cut letters in two, and tools and servers pass halves of surrogate pairs on; no store and no client takes one.
/// </summary>
public static class WellFormedText
{
    private const char Replacement = '\uFFFD';
    private const int EscapeLength = 6;

    /// <summary>Replaces every half of a surrogate pair by U+FFFD.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The same instance when there is nothing to replace.</returns>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var first = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (first < 0)
        {
            return text;
        }

        var mended = new StringBuilder(text, 0, first, text.Length);
        foreach (var letter in text.AsSpan(first).EnumerateRunes())
        {
            mended.Append(letter.ToString());
        }

        return mended.Length == text.Length && mended.Equals(text.AsSpan()) ? text : mended.ToString();
    }

    /// <summary>Replaces every half of a surrogate pair in JSON, as a letter or as an escape. Readers of such JSON fail, wherever in it they look.</summary>
    /// <param name="json">JSON, or what was meant to be.</param>
    /// <returns>The same instance when there is nothing to replace.</returns>
    public static string OfJson(string json)
    {
        var text = Of(json);
        StringBuilder? mended = null;
        var copied = 0;
        var at = text.IndexOf('\\', StringComparison.Ordinal);
        while (at >= 0 && at + 1 < text.Length)
        {
            if (Unit(text, at) is not { } unit || !char.IsSurrogate(unit))
            {
                at += 2;
            }
            else if (char.IsHighSurrogate(unit) && Unit(text, at + EscapeLength) is { } second && char.IsLowSurrogate(second))
            {
                at += 2 * EscapeLength;
            }
            else
            {
                (mended ??= new StringBuilder(text.Length)).Append(text, copied, at - copied).Append("\\ufffd");
                copied = at += EscapeLength;
            }

            at = text.IndexOf('\\', at);
        }

        return mended is null ? text : mended.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>Reads a JSON string as it stands, halves of surrogate pairs included: the other half may be in the next piece of a stream.</summary>
    /// <param name="json">A JSON string.</param>
    /// <returns>The text, which need not be well-formed.</returns>
    public static string Read(JsonElement json)
    {
        try
        {
            return json.GetString() ?? string.Empty;
        }
        catch (InvalidOperationException) when (json.ValueKind == JsonValueKind.String)
        {
            return Unescape(json.GetRawText());
        }
    }

    private static string Unescape(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var at = 1; at < raw.Length - 1; at++)
        {
            if (raw[at] != '\\')
            {
                text.Append(raw[at]);
            }
            else if (Unit(raw, at) is { } unit)
            {
                text.Append(unit);
                at += EscapeLength - 1;
            }
            else
            {
                text.Append(raw[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', var letter => letter });
            }
        }

        return text.ToString();
    }

    /// <summary>Gives the UTF-16 unit of an escape like <c>\ud83d</c>; null when there is none.</summary>
    private static char? Unit(string text, int at) =>
        at + EscapeLength <= text.Length && text[at] == '\\' && text[at + 1] == 'u' &&
        ushort.TryParse(text.AsSpan(at + 2, 4), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;

    /// <summary>Puts the halves of letters together that a stream cut in two.</summary>
    internal sealed class Joiner
    {
        private string _held = string.Empty;

        /// <summary>Takes in the next piece.</summary>
        /// <returns>What is whole so far; empty when only half a letter came.</returns>
        public string Hear(string piece)
        {
            var text = _held.Length == 0 ? piece : _held + piece;
            _held = text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text[^1..] : string.Empty;
            return Of(_held.Length == 0 ? text : text[..^1]);
        }

        /// <summary>Gives what stands for a half that nothing followed.</summary>
        public string Finish()
        {
            var rest = _held.Length == 0 ? string.Empty : Replacement.ToString();
            _held = string.Empty;
            return rest;
        }
    }
}
