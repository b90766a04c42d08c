using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Files;

namespace Cluster.Providers.Toolkits.Csv;

/// <summary>The CSV files of one directory, whose first lines name the columns.</summary>
public static class CsvToolkit
{
    private static readonly ToolOptions Reading = new() { Effect = ToolEffect.Pure };

    /// <summary>Makes the toolkit <c>csv</c>.</summary>
    /// <param name="options">The directory and the limits.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(CsvToolkitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var tools = new CsvTools(options);
        return new Toolkit
        {
            Name = "csv",
            Tools = [Tool.Create(tools.ListCsvFiles, Reading), Tool.Create(tools.ListCsvColumnsAsync, Reading), Tool.Create(tools.QueryCsvFileAsync, Reading)],
        };
    }

    private sealed class CsvTools(CsvToolkitOptions options)
    {
        private readonly RootDirectory _root = new(options.Root);

        [Description("Lists the CSV files with their sizes in bytes.")]
        public string ListCsvFiles()
        {
            var files = _root.FilesBelow(".").Where(file => file.Extension.Equals(".csv", StringComparison.OrdinalIgnoreCase));
            var names = files.Select(file => $"{_root.Name(file)} ({file.Length} bytes)").ToArray();
            return names.Length > 0 ? string.Join('\n', names) : "There are no CSV files.";
        }

        [Description("Tells the columns of a CSV file and its first rows.")]
        public async Task<string> ListCsvColumnsAsync([Description("The file, relative.")] string file, CancellationToken cancellationToken)
        {
            using var reader = Open(file);
            var columns = await ReadHeaderAsync(reader, file, cancellationToken);
            var rows = new List<string[]>();
            while (rows.Count < 3 && await reader.ReadAsync(cancellationToken) is { } row)
            {
                rows.Add(row);
            }

            return ToolJson.Write(new { columns, firstRows = rows });
        }

        [Description("Gives rows of a CSV file: those that meet all conditions, in the order of the file, and how many there are in all.")]
        public async Task<string> QueryCsvFileAsync(
            [Description("The file, relative.")] string file,
            CancellationToken cancellationToken,
            [Description("The columns to give; null for all.")] string[]? columns = null,
            [Description("The conditions; null for none.")] CsvFilter[]? where = null,
            [Description("How many rows to give.")] int limit = 20,
            [Description("How many of the rows that fit to leave out first.")] int offset = 0)
        {
            using var reader = Open(file);
            var header = await ReadHeaderAsync(reader, file, cancellationToken);
            var chosen = (columns is { Length: > 0 } ? columns : header).Select(column => Find(header, column)).ToArray();
            var conditions = (where ?? []).Select(filter => (Column: Find(header, filter.Column), Filter: filter.Checked())).ToArray();
            var given = new List<string[]>();
            var matching = 0;
            while (await reader.ReadAsync(cancellationToken) is { } row)
            {
                if (row.Length > header.Length)
                {
                    throw new InvalidRequestException(string.Create(CultureInfo.InvariantCulture, $"The file is no correct CSV: the row that ends before line {reader.Line} has {row.Length} values for {header.Length} columns."));
                }

                if (conditions.All(condition => condition.Filter.Fits(Value(row, condition.Column))) && ++matching > offset && given.Count < Math.Min(limit, options.MaxRows))
                {
                    given.Add([.. chosen.Select(column => Value(row, column))]);
                }
            }

            return ToolJson.Write(new { columns = chosen.Select(column => header[column]), rows = given, matchingRows = matching });
        }

        private static async Task<string[]> ReadHeaderAsync(CsvReader reader, string file, CancellationToken cancellationToken) =>
            await reader.ReadAsync(cancellationToken) ?? throw new InvalidRequestException($"'{file}' is empty. Use another file.");

        /// <summary>What a row leaves out at its end is empty.</summary>
        private static string Value(string[] row, int column) => column < row.Length ? row[column] : string.Empty;

        private static int Find(string[] header, string column) => Array.FindIndex(header, name => name.Trim().Equals(column.Trim(), StringComparison.OrdinalIgnoreCase)) is >= 0 and var index
            ? index
            : throw new InvalidRequestException($"There is no column '{column}'. There are: {string.Join(", ", header)}.");

        [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The reader that is given closes the file.")]
        private CsvReader Open(string file)
        {
            var found = _root.File(file);
            return found.Length <= options.MaxFileBytes
                ? new CsvReader(new StreamReader(new BoundedStream(RegularFile.Open(found.FullName, file), options.MaxFileBytes)), options.Delimiter)
                : throw new InvalidRequestException($"'{file}' has {found.Length} bytes; at most {options.MaxFileBytes} can be read. Use another file.");
        }
    }
}
