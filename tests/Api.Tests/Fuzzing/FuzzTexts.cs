using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Cluster.Api.Tests.Fuzzing;

/// <summary>Texts, numbers and bytes that programs stumble over.</summary>
/// <param name="random">Chooses.</param>
[SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "The same seed has to give the same requests.")]
internal sealed class FuzzTexts(Random random)
{
    private static readonly string[] Odd =
    [
        "", " ", "null", "none", "true", "-1", "0", "1e999", "99999999999999999999", "2147483648", "-9223372036854775809", "NaN", "1.5", "\0", "a\0b", "..", ".", "a/b", "%2F", "%00",
        "\uFEFF", "\u202E", "\uFFFF", "ﷺ", "👩‍👩‍👧", "Ā̈", "'; DROP TABLE runs; --", "{input}", "{{x}}", "<script>", "{", "[", "\"", "\\", "\\ud800", "\r\nX-A: b", "\t", "agent", "team", "COMPLETED",
        "s1", "echo-agent",
    ];

    private static readonly string[] OddJson =
    [
        "null", "true", "0", "-0", "1e999", "-1e999", "1E400", "123456789012345678901234567890", "0.1e-400", "2147483648", "1.5", "\"\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\uD83D\"", "\"\\ud83d\\ud83d\"",
        "\"a\\u0000b\"", "\"text\"", "[]", "{}", "[1]", "[null]", "[\"\\udfff\"]", "{\"a\":1,\"a\":2}", "{\"\\ud800\":1}", "{\"\":1}", "NaN", "Infinity", "'a'", "{a:1}", "[1,]", "01", "\"\t\"", "\"\\x\"", "//", "tru",
        "{\"a\":{\"a\":\"\\ud800\"}}", "{\"$ref\":\"#\"}", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"strange\"}}}", "[{\"url\":\"\\ud800\"}]", "[{\"content\":\"a\",\"id\":1}]", "[{\"tool_call_id\":\"\\ud800\"}]",
        "[{\"tool_call_id\":\"x\",\"created_at\":1e30}]", "[{\"id\":\"x\",\"tool_execution\":null}]", "{\"temperature\":1e39}", "{\"seed\":1e30}", "{\"stop\":[\"\\ud800\"]}", "{\"max_tokens\":\"many\"}",
    ];

    private static readonly byte[][] OddBytes = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3], [0x00], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE, 0x7B, 0x00], [0x80]];

    private static readonly string[] Encoded = ["%", "%zz", "%00", "%ff", "%C3", "%ed%a0%80", "%2F", "%2f..%2f", "%2e%2e", "%5c", "%25", "%u0041", "+", "%F0%9F%98%80", "%0d%0aX: y", "%20", ";", "&", "=", "[]"];

    public bool Chance(int percent) => random.Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    public int Number(int below) => random.Next(below);

    public string Text() => random.Next(12) switch
    {
        0 => new string((char)random.Next('a', 'z'), random.Next(1, 9_000)),
        1 => new string('€', random.Next(100, 3_000)),
        _ => Pick(Odd),
    };

    /// <summary>Gives something that is put where an address has a segment or a value.</summary>
    public string AddressPart() => Chance(50) ? Uri.EscapeDataString(Text() is { Length: > 1_000 } text ? text[..1_000] : Text()) : Pick(Encoded) + (Chance(50) ? "x" : Pick(Encoded));

    public byte[] Json()
    {
        var json = random.Next(8) switch
        {
            0 => Nested(random.Next(1, 400)),
            1 => $"{{\"session_id\":{Pick(OddJson)},\"metadata\":{Pick(OddJson)}}}",
            2 => $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 2_000)).Select(_ => "1"))}]",
            _ => Pick(OddJson),
        };
        return Spoil(Encoding.UTF8.GetBytes(json), percent: 15);
    }

    /// <summary>Cuts, doubles or replaces some of the bytes.</summary>
    public byte[] Spoil(byte[] bytes, int percent)
    {
        if (!Chance(percent) || bytes.Length == 0)
        {
            return bytes;
        }

        var at = random.Next(bytes.Length);
        return random.Next(3) switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. Pick(OddBytes), .. bytes[at..]],
            _ => [.. bytes[..at], .. bytes[at..], .. bytes[at..]],
        };
    }

    public byte[] Bytes() => Chance(50) ? Pick(OddBytes) : Encoding.UTF8.GetBytes(Text());

    private string Nested(int depth) =>
        Chance(50) ? new string('[', depth) + new string(']', depth) : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
}
