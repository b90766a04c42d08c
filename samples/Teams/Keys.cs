using System.Diagnostics.CodeAnalysis;

namespace Cluster.Samples.Teams;

/// <summary>Looks for a key of a vendor.</summary>
internal static class Keys
{
    private static readonly (string Variable, string Model)[] Known = [("OPENAI_API_KEY", "openai:gpt-5-mini"), ("ANTHROPIC_API_KEY", "anthropic:claude-sonnet-4-5")];

    /// <summary>Gives a model for which there is a key; null without any.</summary>
    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A console program has no configuration that the variables could be read through.")]
    public static string? FindModel() => Known.FirstOrDefault(one => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(one.Variable))).Model;
}
