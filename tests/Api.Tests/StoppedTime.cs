namespace Cluster.Api.Tests;

/// <summary>A clock that stands still. Its timers run.</summary>
internal sealed class StoppedTime : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(2026, 11, 20, 7, 39, 37, 500, TimeSpan.Zero);

    public override long GetTimestamp() => 0;
}
