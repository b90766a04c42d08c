using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Reasoning;

/// <summary>Steps of thought: how they are read from models and tools, and how they read as text.</summary>
internal static class Thoughts
{
    public const string Continue = "continue";
    public const string FinalAnswer = "final_answer";
    public const string Reset = "reset";

    private const string Validate = "validate";

    /// <summary>Models leave out what they have nothing to say about.</summary>
    private static readonly OutputSchema Lenient = OutputSchema.FromJson(JsonElement.Parse(
        """{"type":"object","properties":{"reasoning_steps":{"type":"array","items":{"type":"object"}}},"required":["reasoning_steps"]}"""));

    /// <summary>Gets what a model is held to.</summary>
    public static OutputSchema Schema { get; } = OutputSchema.FromJson(JsonElement.Parse(
        """
        {"type":"json_schema","json_schema":{"name":"ReasoningSteps","schema":{"type":"object","properties":{"reasoning_steps":{"type":"array","items":{"type":"object","properties":{
        "title":{"type":"string","description":"The step in a few words."},
        "action":{"type":"string","description":"What is to be done, in the first person."},
        "result":{"type":"string","description":"What came of it."},
        "reasoning":{"type":"string","description":"The thought behind it."},
        "next_action":{"type":"string","enum":["continue","validate","final_answer","reset"],"description":"What follows: another step, a check, the answer, or a new beginning."},
        "confidence":{"type":"number","description":"How sure you are, 0 to 1."}},
        "required":["title","action","result","reasoning","next_action","confidence"],"additionalProperties":false}}},
        "required":["reasoning_steps"],"additionalProperties":false}}}
        """));

    /// <summary>Reads the steps of a model's answer.</summary>
    /// <returns>The steps; none when the answer holds none.</returns>
    public static ImmutableArray<ReasoningStepContent> Read(string text) => StructuredAnswer.Read(text, Lenient) is not { } json ? [] :
    [
        .. json.GetProperty("reasoning_steps").EnumerateArray().Select(step => new ReasoningStepContent
        {
            Title = Text(step, "title"),
            Action = Text(step, "action"),
            Result = Text(step, "result"),
            Reasoning = Text(step, "reasoning"),
            NextAction = Text(step, "next_action") is Validate or FinalAnswer or Reset ? Text(step, "next_action") : Continue,
            Confidence = Number(step, "confidence"),
        }),
    ];

    /// <summary>Reads the step of a call of the tools <c>think</c> and <c>analyze</c>, whosever they are.</summary>
    /// <returns>The step; null for other tools and for calls that failed.</returns>
    public static ReasoningStepContent? Of(ToolExecution tool)
    {
        if (tool is not { ToolCallError: not true, ToolArgs: { ValueKind: JsonValueKind.Object } args })
        {
            return null;
        }

        return tool.ToolName?.ToLowerInvariant() switch
        {
            "think" => new ReasoningStepContent
            {
                Title = Text(args, "title"),
                Action = Text(args, "action"),
                Reasoning = Text(args, "thought"),
                NextAction = Continue,
                Confidence = Number(args, "confidence"),
            },
            "analyze" => new ReasoningStepContent
            {
                Title = Text(args, "title"),
                Result = Text(args, "result"),
                Reasoning = Text(args, "analysis"),
                NextAction = Text(args, "next_action") is Validate or FinalAnswer ? Text(args, "next_action") : Continue,
                Confidence = Number(args, "confidence"),
            },
            _ => null,
        };
    }

    /// <summary>Writes a step as text, with an empty line behind it.</summary>
    public static string ToText(ReasoningStepContent step)
    {
        var text = new StringBuilder();
        Append("## ", step.Title);
        Append(string.Empty, step.Reasoning);
        Append("Action: ", step.Action);
        Append("Result: ", step.Result);
        return text.Append('\n').ToString();

        void Append(string before, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(before).Append(value).Append('\n');
            }
        }
    }

    private static string? Text(JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };

    private static double? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
}
