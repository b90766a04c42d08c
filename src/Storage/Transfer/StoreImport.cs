using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Storage.Maintenance;

namespace Cluster.Storage.Transfer;

/// <summary>Reads what <see cref="StoreExport"/> writes.</summary>
/// <param name="lines">What was written.</param>
/// <param name="target">Where to.</param>
/// <param name="progress">Hears how far it is.</param>
internal sealed class StoreImport(ExportedLines lines, IStoreTarget target, IProgress<StoreProgress> progress)
{
    private const int RowsBetweenReports = 1_000;

    private readonly long[] _counts = new long[StoredTables.All.Length];
    private long[] _totals = [];
    private ReadOnlySequence<byte>? _line;

    /// <summary>Takes everything in.</summary>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>How many rows there were.</returns>
    /// <exception cref="InvalidDataException">What is read is no export, has no end, or comes from a newer program.</exception>
    public async Task<long> ReadAsync(CancellationToken cancellationToken)
    {
        await NextAsync(cancellationToken);
        _totals = Guard(() => ExportedLine.ReadHeader(_line ?? default));
        await NextAsync(cancellationToken);
        for (var table = 0; table < _counts.Length; table++)
        {
            await target.WriteAsync(StoredTables.All[table], RowsAsync(table, cancellationToken), cancellationToken);
            Report(table);
        }

        if (_line is null)
        {
            throw new InvalidDataException($"The export ends after line {lines.Number}, without saying that it is whole. Export again. Nothing was taken in.");
        }

        var expected = Guard(() => ExportedLine.ReadEnd(_line.Value));
        if (!expected.SequenceEqual(_counts))
        {
            throw new InvalidDataException("The export holds another number of rows than its end says. Export again. Nothing was taken in.");
        }

        await target.CompleteAsync(cancellationToken);
        return _counts.Sum();
    }

    /// <summary>Says that a store holds something.</summary>
    /// <param name="store">The store, at the beginning of a sentence.</param>
    /// <returns>The exception to throw.</returns>
    public static ConflictException NotEmpty(string store) => new($"{store} holds something already, and an import takes the place of nothing. Name an empty one. Nothing was changed.");

    private async IAsyncEnumerable<object?[]> RowsAsync(int table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (_line is { } line && Guard(() => ExportedLine.ReadRow(line, StoredTables.All[table])) is { } row)
        {
            yield return row;
            if (++_counts[table] % RowsBetweenReports == 0)
            {
                Report(table);
            }

            await NextAsync(cancellationToken);
        }
    }

    private async Task NextAsync(CancellationToken cancellationToken) => _line = await lines.ReadAsync(cancellationToken);

    private void Report(int table) => progress.Report(new StoreProgress($"import {StoredTables.All[table].Name}", _counts[table], _totals[table], "rows"));

    /// <summary>JSON that cannot be read, and text that is no text.</summary>
    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"Line {lines.Number} of the export cannot be read: {error.Message} Nothing was taken in.", error);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"Line {lines.Number} of the export: {error.Message} Nothing was taken in.", error);
        }
    }
}
