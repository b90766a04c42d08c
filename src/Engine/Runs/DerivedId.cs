using System.Security.Cryptography;

namespace Cluster.Engine.Runs;

/// <summary>
/// Ids that follow from what they stand for: whoever makes one again, in whatever process, makes the same. They are UUIDs of version 8 (RFC 9562), whose bits
/// are the application's, and no other ids made here are.
/// </summary>
public static class DerivedId
{
    /// <summary>Makes an id.</summary>
    /// <param name="name">What it stands for, in full: another name has another id.</param>
    /// <returns>The id, in lower case with dashes.</returns>
    public static string Of(ReadOnlySpan<byte> name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }

    /// <summary>
    /// Tells whether an id looks like one of these; the runs of a team's members have such ids. What a run does must not depend on it: callers may choose such
    /// ids for other runs.
    /// </summary>
    /// <param name="id">The id.</param>
    /// <returns>True when it does.</returns>
    public static bool Is(string id) => Guid.TryParse(id, out var parsed) && parsed.Version == 8;
}
