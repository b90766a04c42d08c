using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Cluster.Engine.Json;

namespace Cluster.Api.Validation;

/// <summary>
/// Reads JSON that comes from outside, and finds here, once, what is valid JSON but nothing can work with: the escape of half a surrogate pair, which nothing can
/// decode or write again, not even the refusal that repeats it, and numbers beyond every type. Of members with the same name the last one counts.
/// </summary>
internal static class StrictJson
{
    private const int EscapeLength = 6;

    /// <summary>Reads JSON out of a text.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    /// <exception cref="BrokenJsonException">A text in it holds half a character, or a number is too large for any type.</exception>
    public static JsonElement Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    /// <summary>Reads JSON.</summary>
    /// <exception cref="JsonException">The bytes are no JSON.</exception>
    /// <exception cref="BrokenJsonException">They are not UTF-8, a text holds half a character, or a number is too large for any type.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!Utf8.IsValid(utf8.Span))
        {
            throw BrokenJsonException.Text([]);
        }

        utf8 = utf8.Span.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        var json = JsonElement.Parse(utf8.Span);
        return FindBroken(utf8.Span) is { } broken ? throw broken : UniqueMembers.Of(json);
    }

    /// <summary>Tells whether a text has only whole characters.</summary>
    public static bool IsWhole(ReadOnlySpan<char> text)
    {
        for (var rest = text; rest.IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var at; rest = rest[(at + 2)..])
        {
            if (at + 1 == rest.Length || !char.IsSurrogatePair(rest[at], rest[at + 1]))
            {
                return false;
            }
        }

        return true;
    }

    private static BrokenJsonException? FindBroken(ReadOnlySpan<byte> utf8)
    {
        List<object> path = [];
        var reader = new Utf8JsonReader(utf8);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when IsBroken(reader):
                    return BrokenJsonException.Text(path[..^1]);
                case JsonTokenType.PropertyName:
                    path[^1] = reader.GetString()!;
                    break;
                case JsonTokenType.String when IsBroken(reader):
                    return BrokenJsonException.Text(path);
                case JsonTokenType.StartObject:
                    path.Add(string.Empty);
                    break;
                case JsonTokenType.StartArray:
                    path.Add(0);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    path.RemoveAt(path.Count - 1);
                    PassValue(path);
                    break;
                case JsonTokenType.Number when !(reader.TryGetDouble(out var number) && double.IsFinite(number)):
                    return BrokenJsonException.Number(path);
                default:
                    PassValue(path);
                    break;
            }
        }

        return null;
    }

    private static void PassValue(List<object> path)
    {
        if (path is [.., int place])
        {
            path[^1] = place + 1;
        }
    }

    private static bool IsBroken(in Utf8JsonReader reader)
    {
        var rest = reader.ValueSpan;
        while (reader.ValueIsEscaped && rest.IndexOf((byte)'\\') is >= 0 and var at)
        {
            rest = rest[at..];
            if (CodeOf(rest) is not { } code)
            {
                rest = rest[2..];
                continue;
            }

            rest = rest[EscapeLength..];
            if (char.IsLowSurrogate(code) || (char.IsHighSurrogate(code) && (CodeOf(rest) is not { } next || !char.IsLowSurrogate(next))))
            {
                return true;
            }

            rest = char.IsHighSurrogate(code) ? rest[EscapeLength..] : rest;
        }

        return false;
    }

    /// <summary>Gives the code of an escape like <c>\u00e4</c> at the start of a text; null when there is none.</summary>
    private static char? CodeOf(ReadOnlySpan<byte> text) =>
        text.Length >= EscapeLength && text[0] == '\\' && text[1] == 'u' && System.Buffers.Text.Utf8Parser.TryParse(text[2..EscapeLength], out ushort code, out var used, 'x') && used == 4
            ? (char)code
            : null;
}
