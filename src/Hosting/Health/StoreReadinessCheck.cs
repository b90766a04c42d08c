using Cluster.Engine.Sessions;

namespace Cluster.Hosting.Health;

/// <summary>Ready when the store answers: it is asked for a session that does not exist.</summary>
/// <param name="sessions">The store.</param>
public sealed class StoreReadinessCheck(ISessionStore sessions) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "store";

    /// <inheritdoc/>
    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default)
    {
        await sessions.FindAsync("readiness", cancellationToken);
        return null;
    }
}
