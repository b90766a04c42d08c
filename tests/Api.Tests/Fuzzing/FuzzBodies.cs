using System.Text;

namespace Cluster.Api.Tests.Fuzzing;

/// <summary>Makes bodies out of what the description of an API says about them, and then not quite.</summary>
/// <param name="texts">What is put into them.</param>
internal sealed class FuzzBodies(FuzzTexts texts)
{
    private const string Boundary = "edge";

    private static readonly string[] Charsets = ["utf-8", "utf-7", "UTF-16", "utf-32", "iso-8859-1", "us-ascii", "x-unknown", "\"\"", "1252", "gb18030", "a b"];
    private static readonly string[] FileTypes = ["image/png", "text/plain", "audio/wav", "application/pdf", "x", "", "text/plain; charset=utf-7", "application/octet-stream"];
    private static readonly string[] JsonTypes = ["application/json", "application/json; charset=utf-16", "application/problem+json", "text/plain", "", "application/x-www-form-urlencoded", "json"];
    private static readonly string[] FormTypes = ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=x", "multipart/form-data", "text/plain"];

    /// <summary>Fills a request with a body of one of the described types.</summary>
    public void Fill(FuzzRequest request, string type, IReadOnlyList<FuzzField> fields)
    {
        var (contentType, body) = type switch
        {
            "application/json" => (texts.Chance(85) ? type : texts.Pick(JsonTypes), Json(fields)),
            "multipart/form-data" => (ToMultipartType(), Multipart(fields)),
            _ => (texts.Chance(85) ? type : texts.Pick(FormTypes), Form(fields)),
        };
        request.Add("Content-Type", contentType);
        request.Body = texts.Spoil(body, percent: 5);
    }

    private string ToMultipartType() => texts.Number(10) switch
    {
        0 => "multipart/form-data",
        1 => $"multipart/form-data; boundary={new string('b', 100)}",
        2 => "multipart/form-data; boundary=",
        3 => $"multipart/mixed; boundary={Boundary}",
        _ => $"multipart/form-data; boundary={Boundary}",
    };

    private byte[] Json(IReadOnlyList<FuzzField> fields)
    {
        if (texts.Chance(25))
        {
            return texts.Json();
        }

        using var json = new MemoryStream();
        json.Write("{"u8);
        foreach (var (place, field) in Chosen(fields).Index())
        {
            json.Write(place == 0 ? [] : ","u8);
            json.Write(Encoding.UTF8.GetBytes($"\"{field.Name}\":"));
            json.Write(texts.Chance(60) ? Encoding.UTF8.GetBytes(field.UsualJson) : texts.Json());
        }

        json.Write("}"u8);
        return json.ToArray();
    }

    private byte[] Form(IReadOnlyList<FuzzField> fields)
    {
        var pairs = Chosen(fields).Select(field => $"{field.Name}={(texts.Chance(60) ? Uri.EscapeDataString(field.Usual) : texts.Chance(50) ? texts.AddressPart() : Uri.EscapeDataString(JsonText()))}");
        return Encoding.UTF8.GetBytes(texts.Chance(2) ? string.Join('&', Enumerable.Repeat("a=1", 3_000)) : string.Join('&', pairs));
    }

    private byte[] Multipart(IReadOnlyList<FuzzField> fields)
    {
        using var body = new MemoryStream();
        var repeated = texts.Chance(2) ? 3_000 : 1;
        foreach (var field in Chosen(fields).SelectMany(field => Enumerable.Repeat(field, field.IsFile ? 1 : repeated)))
        {
            var file = field.IsFile ? $"; filename=\"{texts.Pick(["a.png", "a.wav", "a\0b.txt", "..\\..\\x.pdf", "ü.md", ""])}\"" : string.Empty;
            var type = field.IsFile ? $"Content-Type: {texts.Pick(FileTypes)}\r\n" : texts.Chance(20) ? $"Content-Type: text/plain; charset={texts.Pick(Charsets)}\r\n" : string.Empty;
            body.Write(Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{field.Name}\"{file}\r\n{type}\r\n"));
            body.Write(texts.Chance(60) ? Encoding.UTF8.GetBytes(field.Usual) : texts.Chance(50) ? texts.Json() : texts.Bytes());
            body.Write("\r\n"u8);
        }

        body.Write(texts.Chance(95) ? Encoding.UTF8.GetBytes($"--{Boundary}--\r\n") : []);
        return body.ToArray();
    }

    private IEnumerable<FuzzField> Chosen(IReadOnlyList<FuzzField> fields) =>
        fields.Where(field => texts.Chance(field.IsRequired ? 97 : 20)).SelectMany(field => texts.Chance(4) ? [field, field] : new[] { field });

    private string JsonText() => Encoding.UTF8.GetString(texts.Json());
}

/// <summary>A field of a body or a query, as the description of the API has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Usual">A text that fits.</param>
/// <param name="UsualJson">The same as JSON.</param>
internal sealed record FuzzField(string Name, string Usual, string UsualJson)
{
    public bool IsRequired { get; init; }

    public bool IsFile { get; init; }
}
