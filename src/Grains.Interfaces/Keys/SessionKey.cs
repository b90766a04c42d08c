using Cluster.Engine.Scopes;

namespace Cluster.Grains.Interfaces.Keys;

/// <summary>Names the grain of a session.</summary>
/// <param name="Tenant">Whose session it is.</param>
/// <param name="SessionId">The session's id, any well-formed text.</param>
public sealed record SessionKey(TenantId Tenant, string SessionId)
{
    private const char Kind = 's';

    /// <summary>Gives the grain's key.</summary>
    /// <returns>The key.</returns>
    /// <exception cref="Cluster.Engine.Errors.InvalidRequestException">A part is empty or not well-formed.</exception>
    public override string ToString() => GrainKey.Write(Tenant, Kind, SessionId);

    /// <summary>Reads a grain's key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>What it names.</returns>
    /// <exception cref="FormatException">It is not the key of a session.</exception>
    public static SessionKey Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var (tenant, id) = GrainKey.Parse(key, Kind);
        return new SessionKey(tenant, id);
    }
}
