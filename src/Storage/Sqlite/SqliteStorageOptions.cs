using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Sqlite;

/// <summary>Where and how SQLite keeps what there is, bound from the section <c>Storage:Sqlite</c>.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Storage:Sqlite";

    /// <summary>The name of the database in its directory.</summary>
    public const string FileName = "cluster.db";

    /// <summary>Gets or sets the directory of the database <c>cluster.db</c>, which belongs to one process at a time and is created when it is not there. The default is <c>./data</c>.</summary>
    [Required]
    public string Directory { get; set; } = "./data";

    /// <summary>Gets or sets how many writes of different callers share one flush of the disk at most. The default is 512.</summary>
    [Range(1, 10_000)]
    public int MaxBatchSize { get; set; } = 512;

    /// <summary>Gets or sets how many bytes of pages the writer keeps in memory. The default is 32 MiB.</summary>
    [Range(1L << 20, 1L << 40)]
    public long PageCacheBytes { get; set; } = 32L << 20;

    /// <summary>Gets or sets how many bytes are written beside the database before they are moved into it. The default is 16 MiB: more makes fewer and longer moves, and a longer start after a crash.</summary>
    [Range(1L << 16, 1L << 40)]
    public long CheckpointBytes { get; set; } = 16L << 20;

    /// <summary>Gets or sets how many bytes of results are kept to be used again; the oldest go first. The default is 256 MiB.</summary>
    [Range(0L, 1L << 40)]
    public long CacheBytes { get; set; } = 256L << 20;
}

/// <summary>Checks the ranges.</summary>
[OptionsValidator]
internal sealed partial class SqliteStorageOptionsValidator : IValidateOptions<SqliteStorageOptions>;
