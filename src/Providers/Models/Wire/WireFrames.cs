using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Cluster.Providers.Models.Wire;

/// <summary>One message of a stream.</summary>
/// <param name="Json">What it holds; null for the end mark and for what is no JSON.</param>
/// <param name="Words">What it holds that is no JSON; null otherwise.</param>
/// <param name="IsError">True when its name says that it is an error.</param>
internal sealed record WireFrame(JsonElement? Json, string? Words = null, bool IsError = false)
{
    /// <summary>The mark at the end of a stream.</summary>
    public static readonly WireFrame End = new(Json: null);
}

/// <summary>
/// Reads server-sent events as servers really write them: a message is over when its JSON is, whether a blank line follows or not. A body that is no stream at all, but one JSON
/// or one a line, gives the same messages.
/// </summary>
internal sealed class WireFrames
{
    private const string DataField = "data:";
    private readonly StringBuilder _pending = new();
    private bool _isBody;
    private bool _isError;

    private WireFrames()
    {
    }

    /// <summary>Reads the messages. Letters that are no UTF-8 become U+FFFD.</summary>
    /// <param name="stream">The response.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async IAsyncEnumerable<WireFrame> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, leaveOpen: true);
        var frames = new WireFrames();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (frames.Hear(line) is { } frame)
            {
                yield return frame;
            }
        }

        // Half of a message at the end is what a torn connection leaves.
        if (frames.Flush(isEnd: true) is { } last)
        {
            yield return last;
        }
    }

    private WireFrame? Hear(string line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            var frame = _isBody ? null : Flush(isEnd: false);
            _isError = !_isBody && frame is null && _isError;
            return frame;
        }

        if (Value(line, DataField) is { } data)
        {
            return Take(data, isBody: false);
        }

        if (line[0] == ':' || Value(line, "id:") is not null || Value(line, "retry:") is not null)
        {
            return null;
        }

        if (Value(line, "event:") is { } name)
        {
            _isError = name.Trim().Equals("error", StringComparison.OrdinalIgnoreCase);
            return null;
        }

        return line is "data" or "event" or "id" ? null : Take(line, isBody: true);
    }

    private WireFrame? Take(string data, bool isBody)
    {
        var isFirst = _pending.Length == 0;
        var text = data.Trim();
        if (isFirst && text.Trim('"').Trim('[', ']').Equals("DONE", StringComparison.OrdinalIgnoreCase))
        {
            return WireFrame.End;
        }

        if (text.Length == 0)
        {
            return null;
        }

        _isBody = isBody;
        _pending.Append(isFirst ? string.Empty : "\n").Append(data);

        // Of a body over many lines only those at its end are worth a try.
        var mayBeWhole = text[^1] is '}' or ']' or 'l' && (isFirst || !isBody || data[0] is '}' or ']');
        return mayBeWhole && WireJson.TryParse(_pending.ToString()) is { } json ? Close(new WireFrame(json, IsError: _isError)) : null;
    }

    /// <summary>Gives what is left when nothing follows: JSON that was not expected to be whole, or words.</summary>
    private WireFrame? Flush(bool isEnd)
    {
        var text = _pending.ToString().Trim();
        if (text.Length == 0)
        {
            return null;
        }

        if (WireJson.TryParse(text) is { } json)
        {
            return Close(new WireFrame(json, IsError: _isError));
        }

        // Passing over a broken message would tell an answer with a gap in it.
        return text[0] is not ('{' or '[') ? Close(new WireFrame(null, text, _isError)) : isEnd ? null : throw new JsonException("A message of the stream is broken.");
    }

    private WireFrame Close(WireFrame frame)
    {
        _pending.Clear();
        (_isBody, _isError) = (false, false);
        return frame;
    }

    /// <summary>Gives the value of a field; some proxies write its name twice.</summary>
    private static string? Value(string line, string field)
    {
        if (!line.StartsWith(field, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var value = line[field.Length..];
        value = value.StartsWith(' ') ? value[1..] : value;
        return Value(value, field) ?? value;
    }
}
