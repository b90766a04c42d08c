using Cluster.Engine.Approvals;
using Cluster.Engine.Caching;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Embedded;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the embedded store.</summary>
public static class EmbeddedStorageServiceCollectionExtensions
{
    /// <summary>
    /// Keeps runs and sessions in a directory of this machine, in place of any store that was added before. The store opens before any hosted service starts,
    /// so that a directory that cannot be used stops the start. Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="directory">The directory; null for the one in the configuration, <c>./data</c> by default.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddEmbeddedStorage(this IServiceCollection services, string? directory = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<EmbeddedStorageOptions>()
            .Configure<IServiceProvider>((options, provider) => Bind(options, provider.GetService<IConfiguration>(), directory))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EmbeddedStorageOptions>, EmbeddedStorageOptionsValidator>());
        services.TryAddSingleton(provider => EmbeddedStore.Open(
            provider.GetRequiredService<IOptions<EmbeddedStorageOptions>>().Value,
            provider.GetService<ILogger<EmbeddedStore>>()));
        services.Replace(ServiceDescriptor.Singleton<IRunLog>(provider => provider.GetRequiredService<EmbeddedStore>()));
        services.Replace(ServiceDescriptor.Singleton<IRunRecords>(provider => provider.GetRequiredService<EmbeddedStore>()));
        services.Replace(ServiceDescriptor.Singleton<ISessionStore>(provider => provider.GetRequiredService<EmbeddedStore>()));
        services.Replace(ServiceDescriptor.Singleton<ISessionCopies>(provider => provider.GetRequiredService<EmbeddedStore>()));
        services.Replace(ServiceDescriptor.Singleton<IApprovalStore>(provider => provider.GetRequiredService<EmbeddedStore>()));
        services.TryAddSingleton<EmbeddedUserMemories>();
        services.Replace(ServiceDescriptor.Singleton<IUserMemoryStore>(provider => provider.GetRequiredService<EmbeddedUserMemories>()));
        services.TryAddSingleton(TimeProvider.System);
        services.Replace(ServiceDescriptor.Singleton<IResultCache>(NewCache));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EmbeddedStoreOpening>());
        return services;
    }

    /// <summary>The cache's directory belongs to whoever has locked the store's, so that one is opened first.</summary>
    private static EmbeddedResultCache NewCache(IServiceProvider provider)
    {
        _ = provider.GetRequiredService<EmbeddedStore>();
        return new EmbeddedResultCache(
            provider.GetRequiredService<IOptions<EmbeddedStorageOptions>>().Value, provider.GetRequiredService<TimeProvider>(), provider.GetService<ILogger<EmbeddedResultCache>>());
    }

    // A console program that has no configuration can use the store too.
    private static void Bind(EmbeddedStorageOptions options, IConfiguration? configuration, string? directory)
    {
        configuration?.GetSection(EmbeddedStorageOptions.SectionName).Bind(options);
        options.Directory = directory ?? options.Directory;
    }
}
