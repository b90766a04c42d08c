using Cluster.Storage.Postgres;
using Npgsql;

namespace Orleans.Hosting;

/// <summary>Finds the cluster through PostgreSQL.</summary>
internal static class PostgresClientBuilderExtensions
{
    /// <summary>Finds silos in the table of the cluster's members. The pool of connections is the one of everything else that the process reads there.</summary>
    /// <param name="client">The client.</param>
    /// <param name="connectionString">Npgsql's connection string.</param>
    /// <returns>The same <paramref name="client"/>.</returns>
    public static IClientBuilder UsePostgres(this IClientBuilder client, string connectionString)
    {
        client.Services.AddPostgresDatabase(connectionString);
        client.Services.PostConfigure<PostgresStorageOptions>(options => options.MigrateOnStart = false);
        return client.UseAdoNetClustering(options => options.Configure<NpgsqlDataSource>((table, source) => (table.Invariant, table.DataSource) = (PostgresConnection.Invariant, source)));
    }
}
