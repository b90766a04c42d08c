using System.Data.Common;

namespace Cluster.Storage.Transfer;

/// <summary>A store as it is at one moment.</summary>
internal interface IStoreSource : IAsyncDisposable
{
    /// <summary>Counts the rows of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many there are.</returns>
    Task<long> CountAsync(StoredTable table, CancellationToken cancellationToken);

    /// <summary>Reads the rows of a table, one at a time.</summary>
    /// <param name="table">The table.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The same reader for each row, with the table's fields as its columns.</returns>
    IAsyncEnumerable<DbDataReader> ReadAsync(StoredTable table, CancellationToken cancellationToken);

    /// <summary>Reads a list of texts.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The column.</param>
    /// <returns>A JSON array.</returns>
    byte[] ReadTexts(DbDataReader row, int column);
}

/// <summary>A store that takes everything in, or nothing.</summary>
internal interface IStoreTarget : IAsyncDisposable
{
    /// <summary>Takes in the rows of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">The values of the table's fields: texts, JSON as bytes, numbers, truth.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>A task that ends when they are written.</returns>
    Task WriteAsync(StoredTable table, IAsyncEnumerable<object?[]> rows, CancellationToken cancellationToken);

    /// <summary>Makes sure that every row belongs to something, and keeps everything. Without it nothing is kept.</summary>
    /// <param name="cancellationToken">Stops; nothing is kept.</param>
    /// <returns>A task that ends when everything is durable.</returns>
    Task CompleteAsync(CancellationToken cancellationToken);
}
