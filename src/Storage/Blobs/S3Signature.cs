using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cluster.Storage.Blobs;

/// <summary>Signs requests as Amazon's Signature Version 4 wants them.</summary>
/// <param name="accessKey">The id of the key.</param>
/// <param name="secretKey">The key.</param>
/// <param name="region">The region.</param>
internal sealed class S3Signature(string accessKey, string secretKey, string region)
{
    /// <summary>The hash of a body of no bytes.</summary>
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Adds the headers that prove who asks.</summary>
    /// <param name="request">The request, whose address and headers stand.</param>
    /// <param name="bodySha256">The hash of the body.</param>
    /// <param name="now">The time.</param>
    public void Sign(HttpRequestMessage request, string bodySha256, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var day = time[..8];
        request.Headers.Host = request.RequestUri!.IsDefaultPort ? request.RequestUri.Host : request.RequestUri.Authority;
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", bodySha256);
        request.Headers.TryAddWithoutValidation("x-amz-date", time);
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = request.Headers.Host,
            ["x-amz-content-sha256"] = bodySha256,
            ["x-amz-date"] = time,
        };
        if (request.Headers.Range is { } range)
        {
            headers["range"] = range.ToString();
        }

        var names = string.Join(';', headers.Keys);
        var canonical = string.Join('\n', [
            request.Method.Method,
            request.RequestUri.AbsolutePath,
            request.RequestUri.Query.TrimStart('?'),
            .. headers.Select(header => $"{header.Key}:{header.Value}"),
            string.Empty,
            names,
            bodySha256,
        ]);
        var scope = $"{day}/{region}/s3/aws4_request";
        var text = $"{Algorithm}\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(KeyOf(day), Encoding.UTF8.GetBytes(text)));
        request.Headers.TryAddWithoutValidation("Authorization", $"{Algorithm} Credential={accessKey}/{scope}, SignedHeaders={names}, Signature={signature}");
    }

    private byte[] KeyOf(string day)
    {
        var key = Encoding.UTF8.GetBytes($"AWS4{secretKey}");
        foreach (var part in (ReadOnlySpan<string>)[day, region, "s3", "aws4_request"])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return key;
    }
}
