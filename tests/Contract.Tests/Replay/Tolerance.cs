using System.Text.RegularExpressions;

namespace Cluster.Contract.Tests.Replay;

/// <summary>A difference that is meant. Its reason stands in <c>docs/compatibility.md</c> word for word.</summary>
/// <param name="Recording">The recording; <c>*</c> stands for any letters.</param>
/// <param name="Path">Where the difference is; <c>*</c> stands for any letters.</param>
/// <param name="Reason">Why it is meant.</param>
internal sealed record Tolerance(string Recording, string Path, string Reason)
{
    /// <summary>Gets a value indicating whether one recording is meant; its difference has to be there then.</summary>
    public bool IsSpecific => !Recording.Contains('*', StringComparison.Ordinal);

    public bool IsFor(string recording) => Matches(Recording, recording);

    public bool Covers(Difference difference) => Matches(Path, difference.Path);

    private static bool Matches(string pattern, string text) =>
        Regex.IsMatch(text, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant);
}
