using System.Net.Http.Headers;
using System.Text;

namespace Cluster.Contract.Tests.Replay;

/// <summary>A curl command line, as far as the recordings use it.</summary>
internal sealed record CurlCommand
{
    private static readonly Dictionary<string, byte[]> Files = new(StringComparer.Ordinal)
    {
        ["data/note.txt"] = "a note\n"u8.ToArray(),
        ["data/pixel.png"] = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAAAAgAB4iG8MwAAAABJRU5ErkJggg=="),
        ["data/x.bin"] = [0, 1, 2, 3],
    };

    private readonly List<string> _parts = [];
    private readonly List<string> _pairs = [];
    private readonly List<string> _headers = [];
    private string? _method;
    private string? _data;

    public Uri Address { get; private set; } = new("http://localhost");

    public static CurlCommand Parse(string line)
    {
        var command = new CurlCommand();
        var words = new Queue<string>(ShellWords.Split(line));
        if (words.Dequeue() != "curl")
        {
            throw new FormatException($"Not a curl command: {line}");
        }

        while (words.TryDequeue(out var word))
        {
            command.Take(word, words);
        }

        return command;
    }

    /// <summary>Makes the request that curl would send.</summary>
    /// <param name="target">Where it goes instead of the recorded server.</param>
    /// <param name="translate">Replaces recorded ids by ours.</param>
    public HttpRequestMessage ToRequest(Uri target, Func<string, string> translate)
    {
        var request = new HttpRequestMessage(new HttpMethod(_method ?? (HasBody ? "POST" : "GET")), new Uri(target, translate(Address.PathAndQuery)))
        {
            Content = ToContent(translate),
        };
        foreach (var header in _headers.Select(header => header.Split(": ", 2)))
        {
            if (!request.Headers.TryAddWithoutValidation(header[0], header[1]))
            {
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.Remove(header[0]);
                request.Content.Headers.TryAddWithoutValidation(header[0], header[1]);
            }
        }

        return request;
    }

    private bool HasBody => _parts.Count > 0 || _pairs.Count > 0 || _data is not null;

    private void Take(string word, Queue<string> words)
    {
        switch (word)
        {
            case "-sN" or "-i":
                break;
            case "--max-time":
                words.Dequeue();
                break;
            case "-I":
                _method ??= "HEAD";
                break;
            case "-X":
                _method = words.Dequeue();
                break;
            case "-H":
                _headers.Add(words.Dequeue());
                break;
            case "-F":
                _parts.Add(words.Dequeue());
                break;
            case "-d":
                _data = words.Dequeue();
                break;
            case "--data-urlencode":
                _pairs.Add(words.Dequeue());
                break;
            default:
                Address = word.StartsWith("http://", StringComparison.Ordinal) ? new Uri(word) : throw new FormatException($"Unknown curl option {word}");
                break;
        }
    }

    private HttpContent? ToContent(Func<string, string> translate)
    {
        if (_parts.Count > 0)
        {
            var form = new MultipartFormDataContent();
            _parts.ForEach(part => AddPart(form, part, translate));
            return form;
        }

        if (_pairs.Count > 0)
        {
            return new FormUrlEncodedContent(_pairs.Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], translate(pair[1]))));
        }

        return _data is null ? null : new StringContent(translate(_data), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/x-www-form-urlencoded"));
    }

    private static void AddPart(MultipartFormDataContent form, string part, Func<string, string> translate)
    {
        var (name, value) = part.Split('=', 2) is [var left, var right] ? (left, right) : throw new FormatException($"Not a form part: {part}");
        if (!value.StartsWith('@'))
        {
            // curl names neither type nor encoding of a text part.
            var text = new ByteArrayContent(Encoding.UTF8.GetBytes(translate(value)));
            form.Add(text, $"\"{name}\"");
            return;
        }

        var (path, type) = value[1..].Split(";type=") is [var file, var media] ? (file, media) : throw new FormatException($"Not a file part: {part}");
        var content = new ByteArrayContent(Files[path]);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        form.Add(content, $"\"{name}\"", $"\"{Path.GetFileName(path)}\"");
    }
}
