using System.Text;
using System.Text.Json;

namespace Cluster.Contract.Tests.Clients;

/// <summary>Reads a stream as the browser client does: no frames, only balanced braces.</summary>
internal static class JsonScanner
{
    public static async IAsyncEnumerable<JsonElement> ScanAsync(Stream stream, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var buffer = new char[256];
        var pending = new StringBuilder();
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            pending.Append(buffer, 0, read);
            while (Take(pending) is { } json)
            {
                yield return JsonElement.Parse(json);
            }
        }
    }

    private static string? Take(StringBuilder pending)
    {
        var text = pending.ToString();
        var start = text.IndexOf('{', StringComparison.Ordinal);
        if (start < 0 || FindEnd(text, start) is not { } end)
        {
            return null;
        }

        pending.Remove(0, end + 1);
        return text[start..(end + 1)];
    }

    private static int? FindEnd(string text, int start)
    {
        var depth = 0;
        var inText = false;
        for (var at = start; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\\' when inText:
                    at++;
                    break;
                case '"':
                    inText = !inText;
                    break;
                case '{' when !inText:
                    depth++;
                    break;
                case '}' when !inText && --depth == 0:
                    return at;
            }
        }

        return null;
    }
}
