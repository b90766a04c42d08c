using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>Calls with which a model asks the user: what they ask for, and what the model is told of the answers.</summary>
internal static class UserQuestions
{
    private static readonly string[] FieldTypes = ["str", "int", "float", "bool", "list", "dict"];

    /// <summary>Makes of a call what is asked of the user.</summary>
    /// <returns>The call as it waits; null when the arguments ask for nothing.</returns>
    public static ToolExecution? Ask(ToolExecution call, UserQuestion question)
    {
        if (question == UserQuestion.Input)
        {
            var fields = Items(call, "user_input_fields").Select(ToField).ToImmutableArray();
            return fields.IsEmpty || fields.Contains(null!) ? null : call with { RequiresUserInput = true, UserInputSchema = fields! };
        }

        var questions = Items(call, "questions").Select(ToQuestion).ToImmutableArray();
        return questions.IsEmpty || questions.Contains(null!) ? null : call with { RequiresUserInput = true, UserFeedbackSchema = questions! };
    }

    /// <summary>Says what the user answered, in the words that AgentOS uses (agent_semantics 7.3).</summary>
    public static string Tell(ToolExecution call, UserQuestion question) => question == UserQuestion.Input
        ? $"User inputs retrieved: {ToJson((call.UserInputSchema ?? []).Select(field => new JsonObject { ["name"] = field.Name, ["value"] = ToNode(field.Value) }))}"
        : $"User feedback received: {ToJson((call.UserFeedbackSchema ?? []).Select(asked => new JsonObject
        {
            ["question"] = asked.Question,
            ["selected"] = new JsonArray([.. (asked.Selection ?? []).Select(label => JsonValue.Create(label))]),
        }))}";

    private static JsonElement.ArrayEnumerator Items(ToolExecution call, string name) =>
        call.ToolArgs is { } arguments && arguments.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static UserInputField? ToField(JsonElement item) => Text(item, "field_name") is { Length: > 0 } name
        ? new UserInputField(name, Text(item, "field_type") is { } type && FieldTypes.Contains(type) ? type : "str", Text(item, "field_description"), null)
        : null;

    private static UserFeedbackQuestion? ToQuestion(JsonElement item) => Text(item, "question") is { Length: > 0 } question
        ? new UserFeedbackQuestion
        {
            Question = question,
            Header = Text(item, "header"),
            Options = Options(item),
            MultiSelect = item.TryGetProperty("multi_select", out var several) && several.ValueKind == JsonValueKind.True,
        }
        : null;

    private static ImmutableArray<UserFeedbackOption>? Options(JsonElement question) =>
        question.TryGetProperty("options", out var options) && options.ValueKind == JsonValueKind.Array
            ? [.. options.EnumerateArray().Select(option => new UserFeedbackOption(Text(option, "label") ?? option.ToString(), Text(option, "description")))]
            : null;

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonNode? ToNode(JsonElement? value) => value is { } json ? UniqueMembers.ToNode(json) : null;

    private static string ToJson(IEnumerable<JsonObject> items) => new JsonArray([.. items]).ToJsonString(EngineJson.Options);
}
