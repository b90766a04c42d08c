using Cluster.Engine.Scopes;

namespace Cluster.Grains.Interfaces.Keys;

/// <summary>Names the grain of a run.</summary>
/// <param name="Tenant">Whose run it is.</param>
/// <param name="RunId">The run's id, a UUID.</param>
public sealed record RunKey(TenantId Tenant, string RunId)
{
    private const char Kind = 'r';

    /// <summary>Gives the grain's key.</summary>
    /// <returns>The key.</returns>
    /// <exception cref="Cluster.Engine.Errors.InvalidRequestException">A part is empty or not well-formed.</exception>
    public override string ToString() => GrainKey.Write(Tenant, Kind, RunId);

    /// <summary>Tells whether a text is the key of a run.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True when it can be parsed.</returns>
    public static bool IsOne(string text) => GrainKey.Is(text, Kind);

    /// <summary>Reads a grain's key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>What it names.</returns>
    /// <exception cref="FormatException">It is not the key of a run.</exception>
    public static RunKey Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var (tenant, id) = GrainKey.Parse(key, Kind);
        return new RunKey(tenant, id);
    }
}
