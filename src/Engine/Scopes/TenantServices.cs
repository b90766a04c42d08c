using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Engine.Scopes;

/// <summary>The services that an object of a tenant is made of: those of the tenant, and those that all share.</summary>
/// <param name="provider">All services.</param>
/// <param name="tenant">The tenant.</param>
internal sealed class TenantServices(IServiceProvider provider, TenantId tenant) : IServiceProvider
{
    public object? GetService(Type serviceType) => serviceType == typeof(TenantId) ? tenant
        : (provider as IKeyedServiceProvider)?.GetKeyedService(serviceType, tenant) ?? provider.GetService(serviceType);
}
