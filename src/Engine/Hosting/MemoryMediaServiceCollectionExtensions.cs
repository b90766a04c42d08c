using Cluster.Engine.Contents;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a store of media in memory.</summary>
public static class MemoryMediaServiceCollectionExtensions
{
    /// <summary>Keeps the content of media apart from the runs, in memory as well. A cluster that keeps its runs in one silo's memory cannot have that.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddMemoryMedia(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new MemoryMediaStore(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IMediaStore>(provider => provider.GetRequiredService<MemoryMediaStore>());
        return services;
    }
}
