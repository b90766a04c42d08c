using System.Globalization;
using System.Text.RegularExpressions;

namespace Cluster.Engine.Tools;

/// <summary>Names of tools as vendors take them: letters, digits, _ and -, beginning with a letter or _, no longer than 64.</summary>
internal static partial class LegalNames
{
    private const int Longest = 64;
    private const int ShortestOwner = 8;

    /// <summary>Puts the name of a toolkit before that of its tool. Where both are too long, the toolkit's gives way first.</summary>
    /// <param name="owner">The toolkit's name.</param>
    /// <param name="tool">The tool's name.</param>
    /// <param name="number">Tells names apart that would be the same; the first is 1.</param>
    public static string Join(string owner, string tool, int number)
    {
        var (first, second) = (Clean(owner), Clean(tool));
        first = first.Length == 0 ? "toolkit" : char.IsAsciiLetter(first[0]) || first[0] == '_' ? first : $"_{first}";
        first = first[..Math.Min(first.Length, Math.Max(ShortestOwner, Longest - 2 - second.Length))];
        var end = number == 1 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"_{number}");
        var name = $"{first}__{second}";
        return name[..Math.Min(name.Length, Longest - end.Length)] + end;
    }

    private static string Clean(string name) => Unfit().Replace(name, "_").Trim('_');

    [GeneratedRegex("[^A-Za-z0-9_-]+")]
    private static partial Regex Unfit();
}
