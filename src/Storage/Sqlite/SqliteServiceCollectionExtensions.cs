using Cluster.Engine.Approvals;
using Cluster.Engine.Caching;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Storage.Retention;
using Cluster.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the SQLite store.</summary>
public static class SqliteServiceCollectionExtensions
{
    /// <summary>
    /// Keeps runs and sessions in a database of SQLite in a directory of this machine, in place of any store that was added before. It opens before any hosted
    /// service starts, so that a directory that cannot be used stops the start. Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="directory">The directory; null for the one in the configuration, <c>./data</c> by default.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, string? directory = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<SqliteStorageOptions>()
            .Configure<IServiceProvider>((options, provider) => Bind(options, provider.GetService<IConfiguration>(), directory))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteStorageOptions>, SqliteStorageOptionsValidator>());
        services.TryAddSingleton(provider => SqliteDatabase.Open(
            provider.GetRequiredService<IOptions<SqliteStorageOptions>>().Value,
            provider.GetService<ILogger<SqliteDatabase>>()));
        services.TryAddSingleton<SqliteStore>();
        services.Replace(ServiceDescriptor.Singleton<IRunLog>(provider => provider.GetRequiredService<SqliteStore>()));
        services.Replace(ServiceDescriptor.Singleton<IRunRecords>(provider => provider.GetRequiredService<SqliteStore>()));
        services.Replace(ServiceDescriptor.Singleton<ISessionStore>(provider => provider.GetRequiredService<SqliteStore>()));
        services.Replace(ServiceDescriptor.Singleton<ISessionCopies>(provider => provider.GetRequiredService<SqliteStore>()));
        services.Replace(ServiceDescriptor.Singleton<IStoreHealth, SqliteHealth>());
        services.TryAddSingleton<SqliteApprovals>();
        services.Replace(ServiceDescriptor.Singleton<IApprovalStore>(provider => provider.GetRequiredService<SqliteApprovals>()));
        services.TryAddSingleton<SqliteUserMemories>();
        services.Replace(ServiceDescriptor.Singleton<IUserMemoryStore>(provider => provider.GetRequiredService<SqliteUserMemories>()));
        services.Replace(ServiceDescriptor.Singleton<IRetentionStore, SqliteRetention>());
        services.AddSqliteMedia();
        services.TryAddSingleton(TimeProvider.System);
        services.Replace(ServiceDescriptor.Singleton<IResultCache>(NewCache));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SqliteOpening>());
        return services;
    }

    /// <summary>The cache's directory belongs to whoever has locked the store's, so that one is opened first.</summary>
    private static SqliteResultCache NewCache(IServiceProvider provider)
    {
        _ = provider.GetRequiredService<SqliteDatabase>();
        return new SqliteResultCache(
            provider.GetRequiredService<IOptions<SqliteStorageOptions>>().Value, provider.GetRequiredService<TimeProvider>(), provider.GetService<ILogger<SqliteResultCache>>());
    }

    // A console program that has no configuration can use the store too.
    private static void Bind(SqliteStorageOptions options, IConfiguration? configuration, string? directory)
    {
        configuration?.GetSection(SqliteStorageOptions.SectionName).Bind(options);
        options.Directory = directory ?? options.Directory;
    }
}
