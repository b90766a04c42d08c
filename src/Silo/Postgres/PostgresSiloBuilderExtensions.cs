using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Json;
using Cluster.Silo.Postgres;
using Cluster.Storage.Postgres;
using Npgsql;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Serialization;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Puts what the runtime keeps into PostgreSQL.</summary>
internal static class PostgresSiloBuilderExtensions
{
    private const string DefaultStore = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;

    /// <summary>Where the runtime keeps who listens to which stream.</summary>
    private const string PubSubStore = ProviderConstants.DEFAULT_PUBSUB_PROVIDER_NAME;

    /// <summary>
    /// Keeps the cluster's members, the states of grains, the subscriptions of streams and the reminders in one database. The silo does not start on a
    /// database that was not migrated to its version.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="connectionString">Npgsql's connection string.</param>
    /// <returns>The same <paramref name="silo"/>.</returns>
    public static ISiloBuilder UsePostgres(this ISiloBuilder silo, string connectionString)
    {
        silo.Services.AddPostgresDatabase(connectionString);

        // Silos start many at a time and with a role that need not own the schema.
        silo.Services.PostConfigure<PostgresStorageOptions>(options => options.MigrateOnStart = false);

        // The runtime's own records are made for its own serializer: JSON would lose their fields without a word.
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>(PubSubStore);
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer, SystemTextJsonGrainStorageSerializer>(DefaultStore);
        silo.Services.Configure<SystemTextJsonGrainStorageSerializerOptions>(options => WriteLikeTheEngine(options.JsonSerializerOptions));

        // One pool for everything that this process keeps in the database.
        return silo
            .UseAdoNetClustering(options => options.Configure<NpgsqlDataSource>((table, source) => (table.Invariant, table.DataSource) = (PostgresConnection.Invariant, source)))
            .UseAdoNetReminderService(options => options.Configure<NpgsqlDataSource>((table, source) => (table.Invariant, table.DataSource) = (PostgresConnection.Invariant, source)))
            .AddPostgresStore(DefaultStore)
            .AddPostgresStore(PubSubStore);
    }

    private static ISiloBuilder AddPostgresStore(this ISiloBuilder silo, string name)
    {
        silo.AddAdoNetGrainStorage(name, options => options.Configure<NpgsqlDataSource>(Connect));

        // The later registration is the one that counts, for the silo's start as well.
        silo.Services.AddKeyedSingleton<IGrainStorage>(name, (services, _) => new EscapedKeyStorage(AdoNetGrainStorageFactory.Create(services, name)));
        return silo;
    }

    private static void Connect(AdoNetGrainStorageOptions options, NpgsqlDataSource source)
    {
        (options.Invariant, options.DataSource) = (PostgresConnection.Invariant, source);

        // A state that was cleared is gone, as it is with every other store, and does not come back as a record that exists.
        options.DeleteStateOnClear = true;
    }

    /// <summary>Engine records have their generated metadata; what only grains keep is described by reflection.</summary>
    private static void WriteLikeTheEngine(JsonSerializerOptions options)
    {
        (options.PropertyNamingPolicy, options.Encoder, options.MaxDepth) = (EngineJson.Options.PropertyNamingPolicy, EngineJson.Options.Encoder, EngineJson.Options.MaxDepth);
        foreach (var converter in EngineJson.Options.Converters)
        {
            options.Converters.Add(converter);
        }

        foreach (var resolver in EngineJson.Options.TypeInfoResolverChain)
        {
            options.TypeInfoResolverChain.Add(resolver);
        }

        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
    }
}
