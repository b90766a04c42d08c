using System.Diagnostics.CodeAnalysis;
using Cluster.Hosting.Health;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what the health of a process depends on.</summary>
public static class HealthServiceCollectionExtensions
{
    /// <summary>Adds what the health endpoints need. Calling it twice is the same as calling it once.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddOrchestratorHealth(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Readiness>();
        services.TryAddSingleton<ReadinessChecks>();
        return services;
    }

    /// <summary>Adds something that the process cannot work without. Adding the same check twice is the same as adding it once.</summary>
    /// <typeparam name="TCheck">The check.</typeparam>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddReadinessCheck<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TCheck>(this IServiceCollection services)
        where TCheck : class, IReadinessCheck
    {
        services.AddOrchestratorHealth().TryAddEnumerable(ServiceDescriptor.Singleton<IReadinessCheck, TCheck>());
        return services;
    }
}
