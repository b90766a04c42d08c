using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Outputs;

/// <summary>Gets objects out of models: asks for them, and reads them from the answer.</summary>
internal static class StructuredAnswer
{
    /// <summary>Gives what the provider is told; null when only the prompt tells.</summary>
    public static ChatResponseFormat? Format(ChatModel model, OutputSchema schema, bool useJsonMode) => (useJsonMode, model.StructuredOutput) switch
    {
        (false, StructuredOutput.Native) => ChatResponseFormat.ForJsonSchema(schema.Schema, SchemaName(schema.Name)),
        (_, StructuredOutput.Prompt) => null,
        _ => ChatResponseFormat.Json,
    };

    /// <summary>Gives what the prompt says about the schema; null when the provider holds the model to it.</summary>
    public static string? Prompt(ChatModel model, OutputSchema schema, bool useJsonMode) =>
        !useJsonMode && model.StructuredOutput == StructuredOutput.Native ? null : Describe(schema);

    /// <summary>Says in words what the answer has to look like. The tags are the contract's (agent_semantics 3.1).</summary>
    public static string Describe(OutputSchema schema)
    {
        var properties = schema.Schema.TryGetProperty("properties", out var members) && members.ValueKind == JsonValueKind.Object ? members : schema.Schema;
        var names = properties.EnumerateObject().Select(member => $"\"{member.Name}\"");
        return $"""
            Answer with one JSON object that has these members:
            <json_fields>
            [{string.Join(", ", names)}]
            </json_fields>

            Each member is described here:
            <json_field_properties>
            {IndentedJson.ToText(properties)}
            </json_field_properties>
            Write nothing before its opening brace and nothing after its closing one, and no Markdown.
            """;
    }

    /// <summary>Reads the object from an answer, also from one that has words or a code fence around it.</summary>
    /// <returns>The object; null when there is none that fits.</returns>
    public static JsonElement? Read(string text, OutputSchema schema)
    {
        foreach (var candidate in Candidates(text))
        {
            try
            {
                var value = UniqueMembers.Parse(WellFormedText.OfJson(candidate));
                if (SchemaCheck.FindError(value, schema.Schema) is null)
                {
                    return value;
                }

                var without = OptionalNulls.Drop(value, schema.Schema);
                if (SchemaCheck.FindError(without, schema.Schema) is null)
                {
                    return without;
                }
            }
            catch (JsonException)
            {
                // The next reading may be JSON.
            }
        }

        return null;
    }

    private static IEnumerable<string> Candidates(string text)
    {
        yield return text;
        var fence = text.IndexOf("```", StringComparison.Ordinal);
        var begin = fence < 0 ? -1 : text.IndexOf('\n', fence);
        var end = begin < 0 ? -1 : text.IndexOf("```", begin, StringComparison.Ordinal);
        if (end > begin)
        {
            yield return text[begin..end];
        }

        var first = text.IndexOf('{', StringComparison.Ordinal);
        var last = text.LastIndexOf('}');
        if (first >= 0 && last > first)
        {
            yield return text[first..(last + 1)];
        }
    }

    /// <summary>Providers take letters, digits, dashes and underscores, up to 64.</summary>
    private static string SchemaName(string? name)
    {
        const int Longest = 64;
        var clean = string.Concat((name ?? "answer").Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '_'));
        return clean.Length == 0 ? "answer" : clean[..Math.Min(clean.Length, Longest)];
    }
}
