using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Engine.Scopes;

/// <summary>The services that an object of a tenant is made of: those of the tenant, and those that all share.</summary>
/// <param name="provider">All services.</param>
/// <param name="tenant">The tenant.</param>
internal sealed class TenantServices(IServiceProvider provider, TenantId tenant) : IKeyedServiceProvider
{
    public object? GetService(Type serviceType) => serviceType == typeof(TenantId) ? tenant
        : provider.GetRequiredService<PerTenantTypes>().Contains(serviceType) ? provider.GetRequiredKeyedService(serviceType, tenant) : provider.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) => ((IKeyedServiceProvider)provider).GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => provider.GetRequiredKeyedService(serviceType, serviceKey);
}

/// <summary>The types of which each tenant has its own. Others may have keys for reasons of their own.</summary>
internal sealed class PerTenantTypes : HashSet<Type>;
