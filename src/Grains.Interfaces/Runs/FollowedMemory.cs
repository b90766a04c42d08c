using Cluster.Engine.Limits;
using Microsoft.Extensions.Options;

namespace Cluster.Grains.Interfaces.Runs;

/// <summary>Counts what all followed runs of this process hold.</summary>
/// <param name="options">How much that may be.</param>
internal sealed class FollowedMemory(IOptions<MemoryOptions> options)
{
    private readonly long _limit = options.Value.FollowedLimit;
    private long _bytes;

    /// <summary>Gets how much they hold.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Gets how much one run may hold: less when all together hold what they may.</summary>
    public long RunLimit => Bytes < _limit ? 1024 * 1024 : 32 * 1024;

    /// <summary>Notes that more is held, or less.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
