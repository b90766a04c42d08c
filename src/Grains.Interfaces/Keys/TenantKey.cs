using Cluster.Engine.Scopes;

namespace Cluster.Grains.Interfaces.Keys;

/// <summary>Names a grain that works for a whole tenant.</summary>
/// <param name="Tenant">The tenant.</param>
public sealed record TenantKey(TenantId Tenant)
{
    private const string Prefix = "t/";

    /// <summary>The key that gateways of the version before use, when there was one such grain for all.</summary>
    private const string Earlier = "0";

    /// <summary>Gives the grain's key.</summary>
    /// <returns>The key.</returns>
    public override string ToString() => $"{Prefix}{Tenant}";

    /// <summary>Reads a grain's key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>What it names.</returns>
    /// <exception cref="FormatException">It is not the key of a tenant.</exception>
    public static TenantKey Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key == Earlier ? new TenantKey(TenantId.Default)
            : key.StartsWith(Prefix, StringComparison.Ordinal) && TenantId.TryParse(key[Prefix.Length..], out var tenant) ? new TenantKey(tenant)
            : throw new FormatException($"'{key}' is not a grain key of the form t/{{tenant}}.");
    }
}
