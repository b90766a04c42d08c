using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Engine.Scopes;

/// <summary>Gives what each tenant has of its own.</summary>
/// <typeparam name="TService">What it is.</typeparam>
/// <param name="provider">Where it is registered.</param>
public sealed class PerTenant<TService>(IServiceProvider provider)
    where TService : notnull
{
    /// <summary>Gives that of a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <returns>Always the same one.</returns>
    public TService For(TenantId tenant) => provider.GetRequiredKeyedService<TService>(tenant);
}
