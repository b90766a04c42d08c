using System.Globalization;
using System.Reflection;

namespace Cluster.Storage.Sql;

/// <summary>One step of the schema, there and back.</summary>
/// <param name="Dialect">The folder of the dialect.</param>
/// <param name="Version">The version that the step leads to, from 1. A number that is left out stays so: databases beyond it would never get it.</param>
/// <param name="Name">What it is about.</param>
internal sealed record Migration(string Dialect, int Version, string Name)
{
    private const string Outside = "-- outside of a transaction";
    private const string Contracts = "-- contracts";
    private const string Up = ".up.sql";
    private const string Down = ".down.sql";

    /// <summary>Gets every step of PostgreSQL's schema, in order.</summary>
    public static IReadOnlyList<Migration> Postgres { get; } = Read("Postgres");

    /// <summary>Gets every step of SQLite's schema, in order.</summary>
    public static IReadOnlyList<Migration> Sqlite { get; } = Read("Sqlite");

    /// <summary>Gets a value indicating whether programs of the version before cannot work beside it: it waits until somebody says that there are none.</summary>
    public bool IsContraction => ReadUp().StartsWith(Contracts, StringComparison.Ordinal);

    /// <summary>Gives the parts that are made one by one, without a transaction around them, where readers and writers are not to wait. Each can be made again.</summary>
    /// <returns>The parts; empty when the whole step is made in one transaction.</returns>
    public IReadOnlyList<string> PartsUp() => ReadUp() is var sql && sql.StartsWith(Outside, StringComparison.Ordinal) ? sql.Split("\n--\n") : [];

    /// <summary>Reads the statements that lead to the version, for one transaction.</summary>
    /// <returns>The SQL.</returns>
    public string ReadUpAtOnce() => ReadUp().Replace(" CONCURRENTLY", string.Empty, StringComparison.Ordinal);

    /// <summary>Reads the statements that lead to the version.</summary>
    /// <returns>The SQL.</returns>
    public string ReadUp() => ReadFile(Up);

    /// <summary>Reads the statements that lead back to the version before.</summary>
    /// <returns>The SQL.</returns>
    public string ReadDown() => ReadFile(Down);

    /// <summary>The steps are the files of the dialect's folder Migrations.</summary>
    private static Migration[] Read(string dialect) =>
    [
        .. typeof(Migration).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(FolderOf(dialect), StringComparison.Ordinal) && name.EndsWith(Up, StringComparison.Ordinal))
            .Select(name => Parse(dialect, name[FolderOf(dialect).Length..^Up.Length]))
            .OrderBy(migration => migration.Version),
    ];

    private static Migration Parse(string dialect, string file)
    {
        var underscore = file.IndexOf('_', StringComparison.Ordinal);
        return new Migration(dialect, int.Parse(file.AsSpan(0, underscore), CultureInfo.InvariantCulture), file[(underscore + 1)..]);
    }

    private static string FolderOf(string dialect) => $"Cluster.Storage.{dialect}.Migrations.";

    private string ReadFile(string direction)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"{FolderOf(Dialect)}{Version:0000}_{Name}{direction}");
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file) ?? throw new InvalidOperationException($"The migration '{file}' is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
