using Cluster.Engine.Limits;
using Cluster.Engine.Runs;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the limits of memory and of what callers send.</summary>
public static class MemoryServiceCollectionExtensions
{
    /// <summary>Binds <see cref="MemoryOptions"/> and <see cref="FieldLimits"/> from configuration and checks them when the host starts. Without it the defaults hold.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddMemoryLimits(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<MemoryOptions>().BindConfiguration(MemoryOptions.SectionName).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MemoryOptions>, MemoryOptionsValidator>());
        services.AddOptions<FieldLimits>().BindConfiguration(FieldLimits.SectionName).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<FieldLimits>, FieldLimitsValidator>());
        return services;
    }

    /// <summary>Adds what reads runs back for many readers. Each tenant has its own, and all of them share the memory.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddSharedRunLogs(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(static provider => new LoadingRoom(provider.GetRequiredService<TimeProvider>()));
        return services.TryAddPerTenant(static (provider, tenant) => new SharedRunLogs(
            provider.GetRequiredKeyedService<IRunLogReader>(tenant),
            provider.GetRequiredKeyedService<IRunRecords>(tenant),
            provider.GetRequiredService<IOptions<MemoryOptions>>(),
            provider.GetRequiredService<TimeProvider>())
        {
            Room = provider.GetRequiredService<LoadingRoom>(),
        });
    }
}
