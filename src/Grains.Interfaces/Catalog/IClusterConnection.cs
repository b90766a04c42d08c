namespace Cluster.Grains.Interfaces.Catalog;

/// <summary>Tells whether this process is in touch with the cluster.</summary>
public interface IClusterConnection
{
    /// <summary>Gets a value indicating whether the cluster answered within the last seconds.</summary>
    bool IsConnected { get; }

    /// <summary>Gets why the writes of the silo fail that was asked last, in a few words; null when they do not.</summary>
    string? StoreFailure { get; }
}
