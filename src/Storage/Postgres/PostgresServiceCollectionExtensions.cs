using Cluster.Engine.Approvals;
using Cluster.Engine.Caching;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
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
        services.TryAddSingleton<PostgresStore>();
        services.Replace(ServiceDescriptor.Singleton<IRunLog>(provider => provider.GetRequiredService<PostgresStore>()));
        services.Replace(ServiceDescriptor.Singleton<IRunRecords>(provider => provider.GetRequiredService<PostgresStore>()));
        services.Replace(ServiceDescriptor.Singleton<ISessionStore>(provider => provider.GetRequiredService<PostgresStore>()));
        services.Replace(ServiceDescriptor.Singleton<ISessionCopies>(provider => provider.GetRequiredService<PostgresStore>()));
        services.Replace(ServiceDescriptor.Singleton<IStoreHealth, PostgresHealth>());
        services.TryAddSingleton<PostgresApprovals>();
        services.Replace(ServiceDescriptor.Singleton<IApprovalStore>(provider => provider.GetRequiredService<PostgresApprovals>()));
        services.TryAddSingleton<PostgresUserMemories>();
        services.Replace(ServiceDescriptor.Singleton<IUserMemoryStore>(provider => provider.GetRequiredService<PostgresUserMemories>()));
        services.Replace(ServiceDescriptor.Singleton<IRetentionStore, PostgresRetention>());
        services.AddPostgresMedia();
        services.TryAddSingleton(TimeProvider.System);
        services.Replace(ServiceDescriptor.Singleton<IResultCache>(provider => new PostgresResultCache(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<IOptions<PostgresStorageOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<ILogger<PostgresResultCache>>())));
        return services;
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
}
