namespace Cluster.Grains.Interfaces.Keys;

/// <summary>The tenants that are known.</summary>
public static class Tenants
{
    /// <summary>The tenant of everything, as long as callers bring no verified token that names another. Stores do not tell tenants apart yet.</summary>
    public const string Default = "default";
}
