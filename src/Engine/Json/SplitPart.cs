using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using Cluster.Engine.Contents;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Json;

/// <summary>What a <see cref="SplitJson"/> left out: a long text, or content that is read from the media store while it is sent.</summary>
/// <param name="Text">The text; null for content that was not brought in.</param>
/// <param name="Stored">The content; null for a text.</param>
internal readonly record struct SplitPart(string? Text, MediaReference? Stored)
{
    /// <summary>A multiple of three, so that each piece is base64 of its own.</summary>
    private const int PieceBytes = 12 * 1024;

    /// <summary>Gets a value indicating whether somebody has made sure that the content is there.</summary>
    public bool IsLoaded { get; private init; }

    /// <summary>Brings in a text. Of other content it makes sure that it is there: what is gone is empty, and that has to be known before anything is sent.</summary>
    public async ValueTask<SplitPart> LoadAsync(MediaContents media, CancellationToken cancellationToken)
    {
        await using var content = await media.OpenAsync(Stored!.Sha256, cancellationToken);
        if (content is null || Stored.Characters is not null)
        {
            return this with { Text = content is null ? string.Empty : WellFormedText.Of(await ReadAsync(content, cancellationToken)), IsLoaded = true };
        }

        return this with { IsLoaded = true };
    }

    /// <summary>Sends the content as base64, in pieces.</summary>
    public async ValueTask SendAsync(MediaContents media, PipeWriter output, Func<ValueTask> flush)
    {
        await using var content = await media.OpenAsync(Stored!.Sha256, CancellationToken.None)
            ?? throw new IOException($"The content with the hash {Stored.Sha256} is gone.");
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            output.Write("\""u8);
            for (var left = Stored.Bytes; left > 0;)
            {
                var count = (int)Math.Min(PieceBytes, left);
                await content.ReadExactlyAsync(piece.AsMemory(0, count));
                Encode(piece.AsSpan(0, count), output);
                left -= count;
                await flush();
            }

            output.Write("\""u8);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static void Encode(ReadOnlySpan<byte> bytes, PipeWriter output)
    {
        var target = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, target, out _, out var written);
        output.Advance(written);
    }

    private static async Task<string> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        // A mark of byte order is a part of the text, as it is when bytes are decoded.
        using var reader = new StreamReader(content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), detectEncodingFromByteOrderMarks: false);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
