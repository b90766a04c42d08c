using Cluster.Engine.Contents;
using Cluster.Storage.Blobs;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers where the content of media is kept.</summary>
public static class MediaServiceCollectionExtensions
{
    /// <summary>The directory of content, beside the database of SQLite.</summary>
    internal const string DirectoryName = "media";

    /// <summary>
    /// Keeps the content of media in the PostgreSQL database, or in a bucket when the section <c>Media:S3</c> names one. Silos and gateways of a cluster have to
    /// agree on it. Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to, a data source of Npgsql among them.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddPostgresMedia(this IServiceCollection services)
    {
        AddOptions(services);
        services.TryAddSingleton<IMediaStore>(provider =>
        {
            var database = new PostgresDatabase(provider.GetRequiredService<NpgsqlDataSource>());
            return Create(provider, new PostgresMediaIndex(database), () => new PostgresBlobs(database));
        });
        return services;
    }

    /// <summary>Keeps the content of media in a directory beside the database of SQLite, or in a bucket when the section <c>Media:S3</c> names one.</summary>
    internal static IServiceCollection AddSqliteMedia(this IServiceCollection services)
    {
        AddOptions(services);
        services.TryAddSingleton<IMediaStore>(provider =>
        {
            var database = provider.GetRequiredService<SqliteDatabase>();
            return Create(provider, new SqliteMediaIndex(database), () => new DirectoryBlobs(Path.Combine(database.Place, DirectoryName)));
        });
        return services;
    }

    private static void AddOptions(IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);

        // A console program that has no configuration can use a store too.
        services.AddOptions<MediaOptions>()
            .Configure<IServiceProvider>(static (options, provider) => provider.GetService<IConfiguration>()?.GetSection(MediaOptions.SectionName).Bind(options))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MediaOptions>, MediaOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
    }

    private static MediaStore Create(IServiceProvider provider, IMediaIndex index, Func<IMediaBlobs> beside)
    {
        var options = provider.GetRequiredService<IOptions<MediaOptions>>();
        var timeProvider = provider.GetRequiredService<TimeProvider>();
        var blobs = options.Value.S3.Endpoint is null ? beside() : S3Blobs.Create(options.Value.S3, name => provider.GetService<IConfiguration>()?[name], timeProvider);
        return new MediaStore(index, blobs, timeProvider, options);
    }
}
