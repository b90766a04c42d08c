using System.Globalization;
using System.Text;

namespace Cluster.Api.Tests.Fuzzing;

/// <summary>A request as it goes over the wire, however odd.</summary>
internal sealed class FuzzRequest
{
    public required string Method { get; init; }

    /// <summary>Gets or sets path and query, byte for byte.</summary>
    public required string Target { get; set; }

    public List<(string Name, byte[] Value)> Headers { get; } = [];

    public byte[] Body { get; set; } = [];

    /// <summary>Gets or sets a value indicating whether the web server itself may refuse it, in its own way.</summary>
    public bool IsMalformed { get; set; }

    public void Add(string name, string value) => Headers.Add((name, Encoding.UTF8.GetBytes(value)));

    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        Write(bytes, $"{Method} {Target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {Body.Length.ToString(CultureInfo.InvariantCulture)}\r\n");
        foreach (var (name, value) in Headers)
        {
            Write(bytes, $"{name}: ");
            bytes.Write(value);
            Write(bytes, "\r\n");
        }

        Write(bytes, "\r\n");
        bytes.Write(Body);
        return bytes.ToArray();
    }

    private static void Write(MemoryStream bytes, string text) => bytes.Write(Encoding.UTF8.GetBytes(text));
}
