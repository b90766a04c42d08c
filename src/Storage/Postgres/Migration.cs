using System.Globalization;
using System.Reflection;

namespace Cluster.Storage.Postgres;

/// <summary>One step of the schema, there and back.</summary>
/// <param name="Version">The version that the step leads to, from 1. A number that is left out stays so: databases beyond it would never get it.</param>
/// <param name="Name">What it is about.</param>
internal sealed record Migration(int Version, string Name)
{
    private const string Up = ".up.sql";
    private const string Down = ".down.sql";
    private static readonly string Folder = $"{typeof(Migration).Namespace}.Migrations.";

    /// <summary>Gets every step, in order. They are the files of the folder Migrations.</summary>
    public static IReadOnlyList<Migration> All { get; } =
    [
        .. typeof(Migration).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(Up, StringComparison.Ordinal))
            .Select(name => Parse(name[Folder.Length..^Up.Length]))
            .OrderBy(migration => migration.Version),
    ];

    /// <summary>Reads the statements that lead to the version.</summary>
    /// <returns>The SQL.</returns>
    public string ReadUp() => Read(Up);

    /// <summary>Reads the statements that lead back to the version before.</summary>
    /// <returns>The SQL.</returns>
    public string ReadDown() => Read(Down);

    private static Migration Parse(string file)
    {
        var underscore = file.IndexOf('_', StringComparison.Ordinal);
        return new Migration(int.Parse(file.AsSpan(0, underscore), CultureInfo.InvariantCulture), file[(underscore + 1)..]);
    }

    private string Read(string direction)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"{Folder}{Version:0000}_{Name}{direction}");
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file) ?? throw new InvalidOperationException($"The migration '{file}' is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
