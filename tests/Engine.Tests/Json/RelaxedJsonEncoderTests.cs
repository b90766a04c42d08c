using System.Text;
using System.Text.Json;
using Cluster.Engine.Json;

namespace Cluster.Engine.Tests.Json;

public sealed class RelaxedJsonEncoderTests
{
    public static TheoryData<string> Texts =>
    [
        "plain", "", "Ärger, naïve, 日本語", "emoji 😀👩‍👩‍👧 and flags 🇳🇴", "no\u00A0break \u2028 \u2029 \uFEFF", "private \uE000 \U000F0000",
        "quote \" backslash \\ slash /", "controls \0 \u0001 \b \t \n \v \f \r \u001f \u007f \u0085", "<script>&'+", "😀\n😀\"😀", new string('x', 5_000) + "\n😀",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_is_read_back_as_it_was_on_both_paths(string text)
    {
        Assert.Equal(text, Read(WriteUtf16(text)));
        Assert.Equal(text, Read(WriteUtf8(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(text, Read(WriteElement(text)));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Only_quotes_backslashes_and_control_characters_are_escaped(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var expected = new StringBuilder("\"");
        foreach (var c in text)
        {
            expected.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\t' => "\\t",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                < ' ' => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }

        expected.Append('"');

        Assert.Equal(expected.ToString(), Encoding.UTF8.GetString(WriteUtf16(text)));
        Assert.Equal(expected.ToString(), Encoding.UTF8.GetString(WriteUtf8(Encoding.UTF8.GetBytes(text))));
        Assert.Equal(expected.ToString(), Encoding.UTF8.GetString(WriteElement(text)));
    }

    [Theory]
    [InlineData("a\uD83Db")]
    [InlineData("\uDE00")]
    [InlineData("end \uD83D")]
    [InlineData("\uDE00\uD83D")]
    [InlineData("😀\uD83D\"")]
    public void A_lone_surrogate_becomes_a_replacement_character(string text)
    {
        var expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

        Assert.Equal(expected, Read(WriteUtf16(text)));
    }

    [Fact]
    public void Every_character_of_unicode_is_read_back()
    {
        var all = new StringBuilder();
        for (var code = 0; code <= 0x10FFFF; code++)
        {
            if (Rune.TryCreate(code, out var rune))
            {
                all.Append(rune.ToString());
            }
        }

        var text = all.ToString();

        Assert.Equal(text, Read(WriteUtf16(text)));
        Assert.Equal(text, Read(WriteUtf8(Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void Names_of_members_are_written_like_texts()
    {
        var json = Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("schlüssel 😀\n", "\u00A0");
            writer.WriteEndObject();
        });

        Assert.Equal("{\"schlüssel 😀\\n\":\"\u00A0\"}", Encoding.UTF8.GetString(json));
    }

    private static byte[] WriteUtf16(string text) => Write(writer => writer.WriteStringValue(text));

    private static byte[] WriteUtf8(byte[] text) => Write(writer => writer.WriteStringValue(text));

    private static byte[] WriteElement(string text)
    {
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(text));
        return Write(document.RootElement.WriteTo);
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = RelaxedJsonEncoder.Instance }))
        {
            write(writer);
        }

        return buffer.ToArray();
    }

    private static string? Read(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetString();
    }
}
