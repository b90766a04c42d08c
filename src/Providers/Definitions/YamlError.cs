using Cluster.Engine.Errors;
using YamlDotNet.Core;

namespace Cluster.Providers.Definitions;

/// <summary>Says what is wrong with a definition, and where.</summary>
internal static class YamlError
{
    /// <summary>Makes the refusal of something at a place.</summary>
    public static InvalidRequestException At(string file, Mark place, string message) => new($"{file}, line {place.Line}: {message}");

    /// <summary>Names what begins a sentence elsewhere, "The agent 'x'", within one.</summary>
    public static string Within(string owner) => $"{char.ToLowerInvariant(owner[0])}{owner[1..]}";

    /// <summary>Gives the remedy for a name that is not known: the most similar one, else all of them.</summary>
    public static string Suggest(string name, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToArray();
        var nearest = names.Select(candidate => (Name: candidate, Distance: Distance(name, candidate))).OrderBy(candidate => candidate.Distance).FirstOrDefault();
        return nearest.Name is not null && nearest.Distance <= Math.Max(2, name.Length / 3)
            ? $"Did you mean '{nearest.Name}'?"
            : names.Length == 0 ? "There are none." : $"Known are: {string.Join(", ", names)}.";
    }

    /// <summary>Counts the letters to change, add or take away (Levenshtein).</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = diagonal + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
