using Cluster.Storage.Postgres;

namespace Orleans.Hosting;

/// <summary>Finds the cluster through PostgreSQL.</summary>
internal static class PostgresClientBuilderExtensions
{
    /// <summary>Finds silos in the table of the cluster's members.</summary>
    /// <param name="client">The client.</param>
    /// <param name="connectionString">Npgsql's connection string.</param>
    /// <returns>The same <paramref name="client"/>.</returns>
    public static IClientBuilder UsePostgres(this IClientBuilder client, string connectionString)
    {
        var completed = PostgresConnection.Complete(connectionString);
        return client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (PostgresConnection.Invariant, completed));
    }
}
