using Cluster.Engine.Scopes;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Registers what each tenant has of its own. It is kept under its type with the tenant as key; under the type alone it is that of the <see cref="Scope"/>.
/// None of it may be disposable: scopes of requests would dispose of it.
/// </summary>
public static class TenantServiceCollectionExtensions
{
    /// <summary>Adds what is made of the tenant's services and the shared ones, unless there is one.</summary>
    /// <typeparam name="TService">What it is.</typeparam>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection TryAddPerTenant<TService>(this IServiceCollection services)
        where TService : class => services.TryAddPerTenant<TService, TService>();

    /// <summary>Adds what is made of the tenant's services and the shared ones, unless there is one.</summary>
    /// <typeparam name="TService">What it is.</typeparam>
    /// <typeparam name="TImplementation">What does it.</typeparam>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection TryAddPerTenant<TService, TImplementation>(this IServiceCollection services)
        where TService : class
        where TImplementation : class, TService => services.TryAddPerTenant<TService>(Create<TImplementation>);

    /// <summary>Adds what each tenant has of its own, unless there is one.</summary>
    /// <typeparam name="TService">What it is.</typeparam>
    /// <param name="services">The services to add to.</param>
    /// <param name="create">Makes that of a tenant, once.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection TryAddPerTenant<TService>(this IServiceCollection services, Func<IServiceProvider, TenantId, TService> create)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddScopes(typeof(TService));
        services.TryAdd(Keyed(create));
        services.TryAddTransient(OfScope<TService>);
        return services;
    }

    /// <summary>Adds what each tenant has of its own, instead of one that is there.</summary>
    /// <typeparam name="TService">What it is.</typeparam>
    /// <param name="services">The services to add to.</param>
    /// <param name="create">Makes that of a tenant, once.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection ReplacePerTenant<TService>(this IServiceCollection services, Func<IServiceProvider, TenantId, TService> create)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddScopes(typeof(TService));
        services.Replace(Keyed(create));
        return services.Replace(ServiceDescriptor.Transient(OfScope<TService>));
    }

    /// <summary>Adds what each tenant has of its own, instead of one that is there.</summary>
    /// <typeparam name="TService">What it is.</typeparam>
    /// <typeparam name="TImplementation">What does it.</typeparam>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection ReplacePerTenant<TService, TImplementation>(this IServiceCollection services)
        where TService : class
        where TImplementation : class, TService => services.ReplacePerTenant<TService>(Create<TImplementation>);

    /// <summary>This is the one place where a scope is made. As long as no verified token names a tenant, it is the default one everywhere, so that programs may ask the root for a host; who authenticates replaces it by one of each request.</summary>
    private static void AddScopes(this IServiceCollection services, Type type)
    {
        if (services.FirstOrDefault(service => service.ServiceType == typeof(PerTenantTypes))?.ImplementationInstance is not PerTenantTypes types)
        {
            services.AddSingleton(types = []);
        }

        types.Add(type);
        services.TryAddTransient(static _ => new Scope(TenantId.Default, null));
        services.TryAddSingleton(typeof(PerTenant<>));
    }

    private static ServiceDescriptor Keyed<TService>(Func<IServiceProvider, TenantId, TService> create)
        where TService : class => ServiceDescriptor.KeyedSingleton(KeyedService.AnyKey, (provider, tenant) => create(provider, (TenantId)tenant!));

    private static TService OfScope<TService>(IServiceProvider provider)
        where TService : class => provider.GetRequiredKeyedService<TService>(provider.GetRequiredService<Scope>().Tenant);

    private static TImplementation Create<TImplementation>(IServiceProvider provider, TenantId tenant) =>
        ActivatorUtilities.CreateInstance<TImplementation>(new TenantServices(provider, tenant));
}
