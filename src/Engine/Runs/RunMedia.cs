using System.Collections.Immutable;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Runs;

/// <summary>Pictures, sounds, videos and files that belong together.</summary>
public sealed record RunMedia
{
    /// <summary>Gets nothing.</summary>
    public static RunMedia None { get; } = new();

    /// <summary>Gets the pictures.</summary>
    public ImmutableArray<Media> Images { get; init; } = [];

    /// <summary>Gets the videos.</summary>
    public ImmutableArray<Media> Videos { get; init; } = [];

    /// <summary>Gets the sounds.</summary>
    public ImmutableArray<Media> Audio { get; init; } = [];

    /// <summary>Gets the files.</summary>
    public ImmutableArray<Media> Files { get; init; } = [];
}
