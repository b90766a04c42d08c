using Cluster.Engine.Approvals;
using Cluster.Engine.Caching;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Storage.Postgres;
using Cluster.Storage.Postgres.Claims;
using Cluster.Storage.Retention;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the PostgreSQL store.</summary>
public static class PostgresServiceCollectionExtensions
{
    /// <summary>
    /// Keeps runs and sessions in PostgreSQL, instead of whatever store was or will be added by default. The database is migrated when the program starts,
    /// unless <see cref="PostgresStorageOptions.MigrateOnStart"/> says not to. Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="connectionString">Npgsql's connection string.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddPostgresStorage(this IServiceCollection services, string connectionString)
    {
        services.AddPostgresDatabase(connectionString);
        services.AddPostgresReads();
        services.ReplacePerTenant<IRunLog>(StoreOf);
        services.ReplacePerTenant<IRunRecords>(StoreOf);
        services.ReplacePerTenant<ISessionStore>(StoreOf);
        services.ReplacePerTenant<ISessionCopies>(StoreOf);
        services.Replace(ServiceDescriptor.Singleton<ICrossTenantReads, PostgresCrossTenantReads>());
        services.Replace(ServiceDescriptor.Singleton<IStoreHealth, PostgresHealth>());
        services.ReplacePerTenant<IApprovalStore>(static (provider, tenant) => provider.GetRequiredKeyedService<PostgresApprovals>(tenant));
        services.ReplacePerTenant<IUserMemoryStore, PostgresUserMemories>();
        services.ReplacePerTenant<IRetentionStore, PostgresRetention>();
        services.AddPostgresMedia();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PostgresResultCache>();
        services.ReplacePerTenant<IResultCache>(static (provider, tenant) => new TenantResultCache(provider.GetRequiredService<PostgresResultCache>(), tenant));
        return services;
    }

    /// <summary>Adds the stores of runs, sessions and approvals without putting them in anybody's place.</summary>
    /// <param name="services">The services to add to, with the database.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddPostgresReads(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(static provider => new PostgresBatches(
            provider.GetRequiredService<NpgsqlDataSource>(), provider.GetRequiredService<IOptions<PostgresStorageOptions>>(), provider.GetService<DatabaseClaim>()));
        return services.TryAddPerTenant<PostgresStore>().TryAddPerTenant<PostgresApprovals>();
    }

    /// <summary>
    /// Keeps processes off the database that would take this one's runs for unfinished, by a lock of PostgreSQL that one connection holds as long as the program
    /// works. Call it before anything else that starts with the program. Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="use">Whether others of its kind may work on the database too.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection ClaimPostgresDatabase(this IServiceCollection services, DatabaseUse use)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(service => service.ServiceType == typeof(DatabaseClaim)))
        {
            return services;
        }

        services.AddSingleton(provider => new DatabaseClaim(
            provider.GetRequiredService<NpgsqlDataSource>(),
            use,
            provider.GetRequiredService<IOptions<PostgresStorageOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DatabaseClaim>>()));
        return services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<DatabaseClaim>());
    }

    /// <summary>
    /// Adds the database without the stores, for programs that keep something else in it: when the program starts, its schema is migrated or checked as
    /// <see cref="PostgresStorageOptions.MigrateOnStart"/> says. Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="connectionString">Npgsql's connection string.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddPostgresDatabase(this IServiceCollection services, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        services.AddOptions<PostgresStorageOptions>().BindConfiguration(PostgresStorageOptions.SectionName).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresStorageOptions>, PostgresStorageOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MigrationAtStart>());
        services.TryAddSingleton(_ => PostgresConnection.CreateDataSource(connectionString));
        services.TryAddSingleton<PostgresMigrator>();
        services.TryAddSingleton(TimeProvider.System);
        return services;
    }

    private static PostgresStore StoreOf(IServiceProvider provider, TenantId tenant) => provider.GetRequiredKeyedService<PostgresStore>(tenant);
}
