using Cluster.Engine.Errors;
using Cluster.Grains.Interfaces.Catalog;
using Cluster.Hosting.Health;
using Cluster.Storage.Postgres;

namespace Cluster.Gateway;

/// <summary>Ready while the cluster answers.</summary>
/// <param name="connection">The connection to the cluster.</param>
/// <param name="database">Where the silos are found; null for a development silo.</param>
internal sealed class ClusterReadinessCheck(IClusterConnection connection, PostgresMigrator? database = null) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "cluster";

    /// <inheritdoc/>
    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default)
    {
        if (connection.IsConnected)
        {
            return connection.StoreFailure is { } failure ? $"in silos, {failure}" : null;
        }

        try
        {
            await (database?.GetVersionAsync(cancellationToken) ?? Task.FromResult(0));
            return "no silo answers";
        }
        catch (UnavailableException)
        {
            return "the database is not available, in which silos are found";
        }
    }
}
