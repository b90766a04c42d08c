using System.ComponentModel;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits;

/// <summary>A place to think between other tool calls. What is thought becomes the run's reasoning steps.</summary>
public static class ReasoningToolkit
{
    /// <summary>Makes the toolkit <c>reasoning</c>.</summary>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create()
    {
        var options = new ToolOptions { Effect = ToolEffect.Pure };
        return new Toolkit
        {
            Name = "reasoning",
            Tools = [Tool.Create(Think, options), Tool.Create(Analyze, options)],
            Instructions = "Before you act on a request with several parts, write down a thought with think. When a result is in, judge it with analyze. Users do not read either: answer them yourself.",
        };
    }

    [Description("Writes down a thought: what is asked, what is known, what to do next. It changes nothing.")]
    private static string Think(
        [Description("The thought in a few words.")] string title,
        [Description("The thought.")] string thought,
        [Description("What you will do because of it.")] string? action = null,
        [Description("How sure you are, 0 to 1.")] double confidence = 0.8) =>
        $"Noted: {title}" + (action is null ? "." : $". Next: {action}");

    [Description("Judges a result: whether it holds, what it means, and what follows. It changes nothing.")]
    private static string Analyze(
        [Description("The judgement in a few words.")] string title,
        [Description("The result that is judged.")] string result,
        [Description("The judgement.")] string analysis,
        [Description("What follows: continue, validate or final_answer.")] string next_action = "continue",
        [Description("How sure you are, 0 to 1.")] double confidence = 0.8) =>
        $"Noted: {title}. Next: {next_action}";
}
