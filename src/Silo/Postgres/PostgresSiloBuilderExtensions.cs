using Cluster.Silo.Postgres;
using Cluster.Storage.Postgres;
using Orleans.Configuration;
using Orleans.Providers;
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
        var completed = PostgresConnection.Complete(connectionString);
        silo.Services.AddPostgresDatabase(connectionString);

        // Silos start many at a time and with a role that need not own the schema.
        silo.Services.PostConfigure<PostgresStorageOptions>(options => options.MigrateOnStart = false);

        // The runtime's own records are made for its own serializer: JSON would lose their fields without a word.
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>(PubSubStore);
        silo.Services.AddKeyedSingleton<IGrainStorageSerializer>(DefaultStore, GrainStateSerializer.Instance);
        return silo
            .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (PostgresConnection.Invariant, completed))
            .UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (PostgresConnection.Invariant, completed))
            .AddPostgresStore(DefaultStore, completed)
            .AddPostgresStore(PubSubStore, completed);
    }

    private static ISiloBuilder AddPostgresStore(this ISiloBuilder silo, string name, string connectionString)
    {
        silo.AddAdoNetGrainStorage(name, options => Connect(options, connectionString));

        // The later registration is the one that counts, for the silo's start as well.
        silo.Services.AddKeyedSingleton<IGrainStorage>(name, (services, _) => new EscapedKeyStorage(AdoNetGrainStorageFactory.Create(services, name)));
        return silo;
    }

    private static void Connect(AdoNetGrainStorageOptions options, string connectionString)
    {
        options.Invariant = PostgresConnection.Invariant;
        options.ConnectionString = connectionString;

        // A state that was cleared is gone, as it is with every other store, and does not come back as a record that exists.
        options.DeleteStateOnClear = true;
    }
}
