using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Storage.Embedded;

/// <summary>Where and how the embedded store keeps its files, bound from the section <c>Storage:Embedded</c>.</summary>
public sealed class EmbeddedStorageOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Storage:Embedded";

    /// <summary>Gets or sets the directory, which belongs to one process at a time and is created when it is not there. The default is <c>./data</c>.</summary>
    [Required]
    public string Directory { get; set; } = "./data";

    /// <summary>Gets or sets the size in bytes from which on a new file is begun. The default is 64 MiB.</summary>
    [Range(4_096L, 1L << 40)]
    public long SegmentBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Gets or sets the size in bytes below which the store is never compacted, however much of it is dead. The default is 64 MiB.</summary>
    [Range(4_096L, 1L << 40)]
    public long CompactionBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>Gets or sets how many records of runs that were read lately stay in memory. The default is 1,000; 0 keeps none.</summary>
    [Range(0, 1_000_000)]
    public int CachedRecords { get; set; } = 1_000;

    /// <summary>Gets or sets how many bytes of results are kept to be used again, in files of their own; the oldest go first. The default is 256 MiB.</summary>
    [Range(0L, 1L << 40)]
    public long CacheBytes { get; set; } = 256L * 1024 * 1024;
}

/// <summary>Checks the ranges.</summary>
[OptionsValidator]
internal sealed partial class EmbeddedStorageOptionsValidator : IValidateOptions<EmbeddedStorageOptions>;
