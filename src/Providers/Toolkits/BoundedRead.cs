using System.Text;

namespace Cluster.Providers.Toolkits;

/// <summary>Reads what may be longer than anyone wants to keep.</summary>
internal static class BoundedRead
{
    /// <summary>Reads the beginning of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="maxBytes">How much of it.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The bytes, and whether there are more.</returns>
    public static async Task<(byte[] Bytes, bool IsTruncated)> ReadAsync(Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            var room = maxBytes - (int)kept.Length;
            await kept.WriteAsync(buffer.AsMemory(0, Math.Min(read, room)), cancellationToken);
            if (read > room)
            {
                return (kept.ToArray(), true);
            }
        }

        return (kept.ToArray(), false);
    }

    /// <summary>Reads a text and keeps its beginning.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLetters">How many letters may stay.</param>
    /// <param name="remedy">What a reader can do to get the rest.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The text, or its beginning with a note.</returns>
    public static async Task<string> ShortenAsync(TextReader text, int maxLetters, string remedy, CancellationToken cancellationToken)
    {
        var buffer = new char[4 * 1024];
        var kept = new StringBuilder();
        var more = 0L;
        while (await text.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            var room = Math.Min(read, maxLetters - kept.Length);
            kept.Append(buffer, 0, room);
            more += read - room;
        }

        if (more > 0 && kept.Length > 0 && char.IsHighSurrogate(kept[^1]))
        {
            kept.Length--;
            more++;
        }

        return more == 0 ? kept.ToString() : Note(kept.ToString(), more, remedy);
    }

    private static string Note(string beginning, long more, string remedy) => $"{beginning}\n[{more} more characters were left out. {remedy}]";

    /// <summary>Shortens a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLetters">How many letters may stay.</param>
    /// <param name="remedy">What a reader can do to get the rest.</param>
    /// <returns>The text, or its beginning with a note.</returns>
    public static string Shorten(string text, int maxLetters, string remedy)
    {
        if (text.Length <= maxLetters)
        {
            return text;
        }

        // Half of a surrogate pair is no letter.
        var end = char.IsHighSurrogate(text[maxLetters - 1]) ? maxLetters - 1 : maxLetters;
        return Note(text[..end], text.Length - end, remedy);
    }
}
