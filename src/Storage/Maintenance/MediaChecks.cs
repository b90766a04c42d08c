using System.Data.Common;
using Cluster.Engine.Errors;
using Cluster.Storage.Blobs;

namespace Cluster.Storage.Maintenance;

/// <summary>Looks at the content of media, and says what can be done with a store that holds some.</summary>
internal static class MediaChecks
{
    /// <summary>Finds references to content that is not there; the column is the hash.</summary>
    public const string Missing =
        "SELECT DISTINCT r.sha256 FROM media_references r WHERE NOT EXISTS (SELECT 1 FROM media m WHERE m.tenant_id = r.tenant_id AND m.sha256 = r.sha256)";

    /// <summary>Finds content in rows that is not whole; without any rows it is in a bucket.</summary>
    public const string Broken =
        "SELECT m.sha256 FROM media m JOIN media_chunks c ON c.tenant_id = m.tenant_id AND c.location = m.location GROUP BY m.tenant_id, m.sha256, m.bytes "
        + "HAVING sum(octet_length(c.content)) <> m.bytes";

    /// <summary>Finds rows that hold content to which nothing leads.</summary>
    public const string Orphans =
        "SELECT DISTINCT c.location FROM media_chunks c WHERE NOT EXISTS (SELECT 1 FROM media m WHERE m.tenant_id = c.tenant_id AND m.location = c.location) "
        + "AND NOT EXISTS (SELECT 1 FROM media_discards d WHERE d.tenant_id = c.tenant_id AND d.location = c.location)";

    /// <summary>Gives where all content is, with its tenant and size.</summary>
    public const string Places = "SELECT tenant_id, location, bytes FROM media";

    /// <summary>Gives the places that are being written or cleared.</summary>
    public const string Discards = "SELECT tenant_id, location FROM media_discards";

    /// <summary>Tells how much content runs refer to.</summary>
    public const string Count = "SELECT count(*) FROM media_references";

    public static void AddMissing(DbDataReader row, Problems problems) => problems.Add($"Runs refer to content with the hash {row.GetString(0)}, which is not there.");

    public static void AddBroken(DbDataReader row, Problems problems) => problems.Add($"The content with the hash {row.GetString(0)} is not whole.");

    public static void AddOrphan(DbDataReader row, Problems problems) => problems.Add($"Content stands at {row.GetString(0)}, and nothing leads there.");

    /// <summary>Compares the files of a directory with what a database knows of them. A store without the directory keeps its content in a bucket, or has none.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="places">What there should be.</param>
    /// <param name="discards">What may be there.</param>
    /// <param name="problems">Hears what is wrong.</param>
    public static void CheckFiles(string directory, IReadOnlyList<(string TenantId, string Location, long Bytes)> places, IReadOnlyList<(string TenantId, string Location)> discards, Problems problems)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        var blobs = new DirectoryBlobs(directory);
        var known = discards.Select(discard => blobs.FileOf(discard.TenantId, discard.Location)).ToHashSet(StringComparer.Ordinal);
        foreach (var (tenantId, location, bytes) in places)
        {
            var file = new FileInfo(blobs.FileOf(tenantId, location));
            known.Add(file.FullName);
            if (!file.Exists || file.Length != bytes)
            {
                problems.Add($"The content at {location} {(file.Exists ? $"has {file.Length} bytes in place of {bytes}" : "is not there")}.");
            }
        }

        foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            if (!known.Contains(file) && !known.Contains(file.EndsWith(DirectoryBlobs.DraftSuffix, StringComparison.Ordinal) ? file[..^DirectoryBlobs.DraftSuffix.Length] : file))
            {
                problems.Add($"The file {Path.GetRelativePath(directory, file)} stands among the content, and nothing leads there.");
            }
        }
    }

    /// <summary>Copies the files of content, which never change, into a directory that appears when all of them are there. One that goes meanwhile was let go.</summary>
    /// <returns>How many bytes were copied.</returns>
    public static long Copy(string directory, string target, IReadOnlyList<(string TenantId, string Location, long Bytes)> places, CancellationToken cancellationToken)
    {
        if (places.Count == 0)
        {
            return 0;
        }

        var draft = Directory.CreateDirectory($"{target}.{Guid.NewGuid():N}.part");
        try
        {
            var (from, to) = (new DirectoryBlobs(directory), new DirectoryBlobs(draft.FullName));
            var copied = 0L;
            foreach (var (tenantId, location, bytes) in places)
            {
                cancellationToken.ThrowIfCancellationRequested();
                copied += TryCopy(from.FileOf(tenantId, location), to.FileOf(tenantId, location)) ? bytes : 0;
            }

            Directory.Move(draft.FullName, target);
            return copied;
        }
        catch
        {
            draft.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Lines of an export do not hold content: without it the runs would refer to nothing.</summary>
    /// <param name="references">How much content runs refer to.</param>
    /// <exception cref="ConflictException">It is some.</exception>
    public static void DemandNone(long references)
    {
        if (references > 0)
        {
            throw new ConflictException(
                $"Runs of this store refer to pictures, sounds, videos or files {references} times, and exports do not hold their content. "
                + "Use `store backup` for SQLite, or pg_dump. Nothing was written.");
        }
    }

    private static bool TryCopy(string source, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        try
        {
            File.Copy(source, target);
            return true;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
