using System.Text;
using Cluster.Engine.Errors;

namespace Cluster.Providers.Toolkits.Csv;

/// <summary>Reads comma-separated values as RFC 4180 has them: quoted values may hold commas, line breaks and doubled quotes.</summary>
/// <param name="text">The file.</param>
/// <param name="delimiter">What stands between two values.</param>
internal sealed class CsvReader(TextReader text, char delimiter) : IDisposable
{
    private readonly StringBuilder _value = new();
    private readonly char[] _buffer = new char[16 * 1024];
    private int _length;
    private int _next;

    /// <summary>Gets the line that is read, counted from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>Reads the next row; empty lines are none.</summary>
    /// <returns>Its values; null at the end.</returns>
    /// <exception cref="InvalidRequestException">A quotation does not end, or goes on behind its end.</exception>
    public async ValueTask<string[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await PeekAsync(cancellationToken) is not null)
        {
            var row = await ReadRowAsync(cancellationToken);
            if (row is not [""])
            {
                return row;
            }
        }

        return null;
    }

    public void Dispose() => text.Dispose();

    private async ValueTask<string[]> ReadRowAsync(CancellationToken cancellationToken)
    {
        var row = new List<string>();
        while (true)
        {
            row.Add(await PeekAsync(cancellationToken) == '"' ? await ReadQuotedAsync(cancellationToken) : await ReadPlainAsync(cancellationToken));
            var end = await PeekAsync(cancellationToken);
            _next += end is null ? 0 : 1;
            if (end == delimiter)
            {
                continue;
            }

            if (end == '\r' && await PeekAsync(cancellationToken) == '\n')
            {
                _next++;
            }

            Line++;
            return [.. row];
        }
    }

    private async ValueTask<string> ReadPlainAsync(CancellationToken cancellationToken)
    {
        _value.Clear();
        while (await PeekAsync(cancellationToken) is { } letter && letter != delimiter && letter is not ('\r' or '\n'))
        {
            _value.Append(letter);
            _next++;
        }

        return _value.ToString();
    }

    private async ValueTask<string> ReadQuotedAsync(CancellationToken cancellationToken)
    {
        var start = Line;
        _value.Clear();
        for (_next++; await PeekAsync(cancellationToken) is { } letter; _value.Append(letter))
        {
            _next++;
            Line += letter == '\n' ? 1 : 0;
            if (letter != '"')
            {
                continue;
            }

            var after = await PeekAsync(cancellationToken);
            if (after != '"')
            {
                return after is null or '\r' or '\n' || after == delimiter
                    ? _value.ToString()
                    : throw new InvalidRequestException($"The file is no correct CSV: in line {Line}, '{after}' follows the end of a quotation. Correct the file, or use another one.");
            }

            _next++;
        }

        throw new InvalidRequestException($"The file is no correct CSV: the quotation that begins in line {start} does not end. Correct the file, or use another one.");
    }

    private ValueTask<char?> PeekAsync(CancellationToken cancellationToken) => _next < _length ? new ValueTask<char?>(_buffer[_next]) : FillAsync(cancellationToken);

    private async ValueTask<char?> FillAsync(CancellationToken cancellationToken)
    {
        (_length, _next) = (await text.ReadAsync(_buffer, cancellationToken), 0);
        return _length > 0 ? _buffer[0] : null;
    }
}
