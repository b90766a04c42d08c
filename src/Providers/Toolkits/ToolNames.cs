using System.Text.RegularExpressions;

namespace Cluster.Providers.Toolkits;

/// <summary>Names of tools that others named. Vendors take letters, digits, _ and -, no longer than 64, each once.</summary>
internal static partial class ToolNames
{
    private const int Longest = 64;

    /// <summary>Makes a name that vendors take.</summary>
    /// <param name="taken">The names so far; the new one is added.</param>
    /// <param name="wanted">The name as it is.</param>
    public static string Claim(HashSet<string> taken, string wanted)
    {
        var fit = Unfit().IsMatch(wanted) ? Unfit().Replace(wanted, "_").Trim('_') : wanted;
        var name = fit[..Math.Min(fit.Length, Longest)];
        for (var number = 2; !taken.Add(name); number++)
        {
            var end = $"_{number}";
            name = fit[..Math.Min(fit.Length, Longest - end.Length)] + end;
        }

        return name;
    }

    [GeneratedRegex("[^A-Za-z0-9_-]+")]
    private static partial Regex Unfit();
}
