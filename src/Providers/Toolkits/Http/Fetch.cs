using System.Collections.Immutable;
using System.Text;

namespace Cluster.Providers.Toolkits.Http;

/// <summary>What to ask a server.</summary>
/// <param name="Method">The method.</param>
/// <param name="Url">The address, already checked.</param>
internal sealed record FetchRequest(HttpMethod Method, Uri Url)
{
    /// <summary>Gets the headers. They are kept from other servers that a redirect leads to.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Gets the body; null for none.</summary>
    public string? Body { get; init; }

    /// <summary>Gets the body's media type.</summary>
    public string BodyType { get; init; } = "application/json";
}

/// <summary>What a server answered.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Url">Where the answer came from, after redirects.</param>
/// <param name="MediaType">The media type; empty when the server did not say.</param>
/// <param name="CharSet">The character set; null when the server did not say.</param>
/// <param name="Body">The body, at most as long as is allowed.</param>
internal sealed record FetchAnswer(int Status, Uri Url, string MediaType, string? CharSet, byte[] Body)
{
    /// <summary>Gets a value indicating whether the body is longer.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Gets the length that the server named; null for none.</summary>
    public long? Length { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    public bool IsText => MediaType.Length == 0
        ? !Body.Contains((byte)0)
        : MediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || TextTypes.Any(type => MediaType.Contains(type, StringComparison.OrdinalIgnoreCase));

    private static string[] TextTypes { get; } = ["json", "xml", "javascript", "yaml", "x-www-form-urlencoded", "graphql", "csv", "sql", "toml"];

    /// <summary>Gives the body as text, in the character set that the server named, else UTF-8.</summary>
    public string Text()
    {
        using var reader = new StreamReader(new MemoryStream(Body), FindEncoding(), detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    private Encoding FindEncoding()
    {
        var name = CharSet?.Trim('"', '\'', ' ');
        try
        {
            return string.IsNullOrEmpty(name) ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            // A name that nobody knows; most of what is mislabelled is UTF-8.
            return Encoding.UTF8;
        }
    }
}

/// <summary>How far a fetch may go.</summary>
internal sealed record FetchLimits
{
    public int MaxBytes { get; init; } = 1024 * 1024;

    public int MaxRedirects { get; init; } = 5;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets a value indicating whether redirects may lead to another server.</summary>
    public bool LeavesOrigin { get; init; } = true;
}
