using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace Cluster.Engine.Json;

/// <summary>
/// Escapes only what JSON demands: quotes, backslashes and control characters. The framework's most relaxed encoder
/// still escapes emoji and no-break spaces, which clients that compare bytes would notice.
/// </summary>
internal sealed class RelaxedJsonEncoder : JavaScriptEncoder
{
    /// <summary>The one instance; the encoder has no state.</summary>
    public static readonly RelaxedJsonEncoder Instance = new();

    private const char FirstPrintable = ' ';
    private static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, FirstPrintable).Select(code => (char)code), '"', '\\', .. Enumerable.Range(0xD800, 0x800).Select(code => (char)code)]);
    private static readonly SearchValues<byte> EscapedBytes = SearchValues.Create(
        [.. Enumerable.Range(0, FirstPrintable).Select(code => (byte)code), (byte)'"', (byte)'\\']);

    private RelaxedJsonEncoder()
    {
    }

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar < FirstPrintable || unicodeScalar is '"' or '\\';

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        for (var offset = 0; offset < span.Length;)
        {
            var next = span[offset..].IndexOfAny(Suspects);
            if (next < 0)
            {
                return -1;
            }

            offset += next;
            if (Rune.DecodeFromUtf16(span[offset..], out var rune, out var consumed) != OperationStatus.Done || WillEncode(rune.Value))
            {
                return offset;
            }

            offset += consumed;
        }

        return -1;
    }

    /// <inheritdoc/>
    public override int FindFirstCharacterToEncodeUtf8(ReadOnlySpan<byte> utf8Text) => utf8Text.IndexOfAny(EscapedBytes);

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var target = new Span<char>(buffer, bufferLength);
        Span<char> escaped = stackalloc char[6];
        var length = Escape(unicodeScalar, escaped);
        if (!escaped[..length].TryCopyTo(target))
        {
            numberOfCharactersWritten = 0;
            return false;
        }

        numberOfCharactersWritten = length;
        return true;
    }

    private static int Escape(int scalar, Span<char> target)
    {
        if (scalar >= FirstPrintable && scalar is not ('"' or '\\'))
        {
            return new Rune(scalar).EncodeToUtf16(target);
        }

        target[0] = '\\';
        target[1] = scalar switch
        {
            '\b' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\f' => 'f',
            '\r' => 'r',
            '"' => '"',
            '\\' => '\\',
            _ => 'u',
        };
        if (target[1] != 'u')
        {
            return 2;
        }

        scalar.TryFormat(target[2..], out _, "x4", System.Globalization.CultureInfo.InvariantCulture);
        return 6;
    }
}
