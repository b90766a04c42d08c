using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Cluster.Testing;

/// <summary>What became of a run that was stopped at each of its points.</summary>
/// <param name="Points">How many points were tried.</param>
/// <param name="Findings">What was wrong; empty when every crash was survived without a trace.</param>
public sealed record CrashReport(int Points, ImmutableArray<CrashFinding> Findings)
{
    /// <summary>Gets a value indicating whether every crash was survived without a trace.</summary>
    public bool IsSafe => Findings.IsEmpty;

    /// <summary>Gets the tools that are to blame, the most often blamed first.</summary>
    public ImmutableArray<string> UnsafeTools =>
        [.. Findings.SelectMany(finding => finding.Tools).GroupBy(name => name, StringComparer.Ordinal).OrderByDescending(group => group.Count()).Select(group => group.Key)];

    /// <summary>Ends a test that expects safety.</summary>
    /// <exception cref="CrashUnsafeException">A crash left a trace.</exception>
    public void ThrowIfUnsafe()
    {
        if (!IsSafe)
        {
            throw new CrashUnsafeException(ToString());
        }
    }

    /// <summary>Describes the result for people.</summary>
    /// <returns>One line when all is well, otherwise the tools to blame and each finding.</returns>
    public override string ToString()
    {
        if (IsSafe)
        {
            return $"The run survives a crash at each of its {Points} points.";
        }

        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"The run does not survive a crash at {Findings.Select(finding => finding.Point).Distinct().Count()} of its {Points} points.");
        if (!UnsafeTools.IsEmpty)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Not safe to retry: {string.Join(", ", UnsafeTools)}.");
            text.AppendLine("Declare such a tool Once, let it recognise a repetition by RunContext.IdempotencyKey and declare it Keyed, or give it VerifyAsync.");
        }

        foreach (var finding in Findings)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {finding.Point}: {finding.Text}");
        }

        return text.ToString();
    }
}

/// <summary>Something that a crash changed.</summary>
/// <param name="Point">Where the process was stopped.</param>
/// <param name="Text">What was wrong.</param>
/// <param name="Tools">The tools that did it; empty when none did.</param>
public sealed record CrashFinding(string Point, string Text, ImmutableArray<string> Tools);

/// <summary>A run does not survive a crash at some point. The message is the report.</summary>
/// <param name="message">The report.</param>
public sealed class CrashUnsafeException(string message) : Exception(message);
