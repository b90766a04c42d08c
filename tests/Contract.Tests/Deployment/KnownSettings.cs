using System.Globalization;
using System.Text.RegularExpressions;

namespace Cluster.Contract.Tests.Deployment;

/// <summary>The settings that the programs have, found in the source of their options because some of these projects need packages that this one does without.</summary>
internal static partial class KnownSettings
{
    /// <summary>Longer than a telemetry exporter, which stops last, takes to send what it has.</summary>
    public const int FlushSeconds = 10;

    private static readonly Dictionary<string, string> Defaults = Repository.SourceFiles("src")
        .Where(file => file.EndsWith("Options.cs", StringComparison.Ordinal))
        .SelectMany(Read)
        .ToDictionary(StringComparer.Ordinal);

    /// <summary>Gets the names of the settings as environment variables.</summary>
    public static IReadOnlyCollection<string> Names => Defaults.Keys;

    /// <summary>Gets those names that look like a setting and are none.</summary>
    public static IEnumerable<string> Unknown(IEnumerable<string> names) => names.Where(name => name.Contains("__", StringComparison.Ordinal) && !Defaults.ContainsKey(name));

    public static int DefaultOf(string name) => int.Parse(Defaults[name].Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    /// <summary>Gets the port at the end of an address.</summary>
    public static string PortOf(string url) => url[(url.LastIndexOf(':') + 1)..];

    private static IEnumerable<KeyValuePair<string, string>> Read(string file)
    {
        var source = File.ReadAllText(file);
        var options = source[..source.IndexOf("\n}", StringComparison.Ordinal)];
        return SectionName().Match(options) is { Success: true } section
            ? Property().Matches(options).Select(property => KeyValuePair.Create($"{section.Groups[1].Value.Replace(":", "__", StringComparison.Ordinal)}__{property.Groups[1].Value}", property.Groups[2].Value))
            : [];
    }

    [GeneratedRegex("""SectionName = "([^"]+)";""")]
    private static partial Regex SectionName();

    [GeneratedRegex("""public [\w<>?]+ (\w+) \{ get;[^}]*\}(?: = "?([^";]*)"?;)?""")]
    private static partial Regex Property();
}
