using System.Text;
using System.Text.RegularExpressions;

namespace Cluster.Providers.Toolkits.Files;

/// <summary>Patterns for paths: <c>*</c> and <c>?</c> within a name, <c>**</c> over directories. A pattern without a slash fits names anywhere.</summary>
internal static class Glob
{
    /// <summary>Makes the test of a pattern.</summary>
    public static Regex Parse(string pattern)
    {
        var whole = pattern.Contains('/', StringComparison.Ordinal) ? pattern.TrimStart('/') : $"**/{pattern}";
        var expression = new StringBuilder("^");
        for (var i = 0; i < whole.Length; i++)
        {
            var rest = whole.AsSpan(i);
            if (rest.StartsWith("**/"))
            {
                expression.Append("(?:.*/)?");
                i += 2;
            }
            else if (rest.StartsWith("**"))
            {
                expression.Append(".*");
                i++;
            }
            else
            {
                expression.Append(whole[i] switch { '*' => "[^/]*", '?' => "[^/]", var letter => Regex.Escape(letter.ToString()) });
            }
        }

        // Models write the patterns: matching must not take exponential time.
        return new Regex(expression.Append('$').ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }
}
