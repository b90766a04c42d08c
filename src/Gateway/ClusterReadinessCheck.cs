using Cluster.Grains.Interfaces.Catalog;
using Cluster.Hosting.Health;

namespace Cluster.Gateway;

/// <summary>Ready while the cluster answers.</summary>
/// <param name="connection">The connection to the cluster.</param>
internal sealed class ClusterReadinessCheck(IClusterConnection connection) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "cluster";

    /// <inheritdoc/>
    public ValueTask<string?> CheckAsync(CancellationToken cancellationToken = default) => new(connection.IsConnected ? null : "no silo answers");
}
