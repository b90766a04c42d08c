using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Limits;

/// <summary>
/// How much memory a process may use for what could otherwise grow with its callers, bound from the section <c>Memory</c>. Limits that are 0 follow from the
/// memory that the runtime may use, which in a container is the container's.
/// </summary>
public sealed class MemoryOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Memory";

    private const long MiB = 1024 * 1024;

    /// <summary>Gets or sets how many bytes runs that have settled may take that are kept at hand in one process. The default is 16 MiB.</summary>
    [Range(0, long.MaxValue)]
    public long SettledRunBytes { get; set; } = 16 * MiB;

    /// <summary>
    /// Gets or sets how many bytes the logs may take that are being read back for readers. Who comes when they take more waits, and is refused after some seconds.
    /// The default, 0, is an eighth of the memory, and between 32 and 512 MiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long LogBytes { get; set; }

    /// <summary>
    /// Gets or sets how many bytes the newest events of followed runs may take, and pages of older ones. Readers find in the run's owner what is not kept here.
    /// The default, 0, is a sixteenth of the memory, and between 16 and 256 MiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long FollowedBytes { get; set; }

    /// <summary>
    /// Gets or sets how many bytes may wait for readers that do not take them. With more, those that have taken nothing for the longest are dropped; they can
    /// resume. The default, 0, is an eighth of the memory, and between 16 and 512 MiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long UnsentBytes { get; set; }

    /// <summary>Gets or sets after how long a reader is dropped that takes nothing of what waits for it. The default is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan UnsentTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the limit of <see cref="LogBytes"/>.</summary>
    public long LogLimit => Limit(LogBytes, 8, 32, 512);

    /// <summary>Gets the limit of <see cref="FollowedBytes"/>.</summary>
    public long FollowedLimit => Limit(FollowedBytes, 16, 16, 256);

    /// <summary>Gets the limit of <see cref="UnsentBytes"/>.</summary>
    public long UnsentLimit => Limit(UnsentBytes, 8, 16, 512);

    private static long Limit(long set, int share, long least, long most) =>
        set > 0 ? set : Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / share, least * MiB, most * MiB);
}

[OptionsValidator]
internal sealed partial class MemoryOptionsValidator : IValidateOptions<MemoryOptions>;
