using System.Text.RegularExpressions;

namespace Cluster.Providers.Models;

/// <summary>Tells by their ids which models think by themselves before they answer. This is the one place that knows them.</summary>
internal static partial class ReasoningModels
{
    public static bool Contains(ModelVendor vendor, string modelId) =>
        vendor == ModelVendor.Anthropic ? Claude().IsMatch(modelId) : vendor.Name == "openai" ? OpenAI().IsMatch(modelId) : Open().IsMatch(modelId);

    [GeneratedRegex("^claude-(3-7|(opus|sonnet|haiku)-[4-9])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Claude();

    [GeneratedRegex("^(o[1-9](-|$)|gpt-[5-9](?!.*chat))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex OpenAI();

    [GeneratedRegex(
        "reasoner|reasoning|thinking|qwq|qwen3|gpt-oss|magistral|gemini-(2\\.5|[3-9])|[-/]?r1([-:]|$)|claude-(3\\.7|(opus|sonnet|haiku)-[4-9])|openai/(o[1-9]|gpt-[5-9])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Open();
}
