using Cluster.Engine.Approvals;
using Cluster.Engine.Caching;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
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
        services.TryAddPerTenant<SqliteStore>();
        services.ReplacePerTenant<IRunLog>(StoreOf);
        services.ReplacePerTenant<IRunRecords>(StoreOf);
        services.ReplacePerTenant<ISessionStore>(StoreOf);
        services.ReplacePerTenant<ISessionCopies>(StoreOf);
        services.Replace(ServiceDescriptor.Singleton<ICrossTenantReads, SqliteCrossTenantReads>());
        services.Replace(ServiceDescriptor.Singleton<IStoreHealth, SqliteHealth>());
        services.ReplacePerTenant<IApprovalStore, SqliteApprovals>();
        services.ReplacePerTenant<IUserMemoryStore, SqliteUserMemories>();
        services.ReplacePerTenant<IRetentionStore, SqliteRetention>();
        services.AddSqliteMedia();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(NewCache);
        services.ReplacePerTenant<IResultCache>(static (provider, tenant) => new TenantResultCache(provider.GetRequiredService<SqliteResultCache>(), tenant));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SqliteOpening>());
        return services;
    }

    private static SqliteStore StoreOf(IServiceProvider provider, TenantId tenant) => provider.GetRequiredKeyedService<SqliteStore>(tenant);

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
