using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Json;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Approvals;

/// <summary>Turns decisions about approvals into answers of humans, and back. What comes with a decision has the form that AgentOS knows (agent_semantics 21).</summary>
internal static class ApprovalAnswers
{
    private const string Values = "values";
    private const string Result = "result";
    private const string Note = "confirmation_note";
    private const string Tools = "tools";

    /// <summary>Gives a decision's answer to a call.</summary>
    /// <param name="call">The call as it waits.</param>
    /// <param name="approval">The approval, decided about.</param>
    /// <returns>The call with the answers filled in.</returns>
    public static ToolExecution ToAnswer(ToolExecution call, ApprovalRecord approval)
    {
        var data = approval.ResolutionData;
        var isApproved = approval.Status == ApprovalStatus.Approved;
        if (Given(data).FirstOrDefault(tool => tool.ToolCallId == call.ToolCallId) is { } given)
        {
            return isApproved ? given : given with { Confirmed = false };
        }

        var values = Member(data, Values);
        return call with
        {
            Confirmed = !isApproved ? false : call.RequiresConfirmation == true ? true : call.Confirmed,
            ConfirmationNote = Text(Member(data, Note)) ?? call.ConfirmationNote,
            Result = isApproved && call.ExternalExecutionRequired == true ? Text(Member(data, Result)) : call.Result,
            UserInputSchema = call.UserInputSchema is { } fields ? [.. fields.Select(field => field with { Value = Member(values, field.Name) ?? field.Value })] : null,
            UserFeedbackSchema = call.UserFeedbackSchema is { } questions
                ? [.. questions.Select(question => question with { SelectedOptions = Labels(Member(values, question.Question)) ?? question.SelectedOptions })]
                : null,
        };
    }

    /// <summary>Gives the decision that answers to calls amount to, so that the first of several who decide is the one who counts.</summary>
    public static ApprovalResolution ToResolution(IReadOnlyList<ToolExecution> waiting, IReadOnlyList<ToolExecution> answers, long now, string? by)
    {
        var isRejected = waiting.All(call => Agents.Answers.IsRejected(call with { Confirmed = answers.FirstOrDefault(answer => answer.ToolCallId == call.ToolCallId)?.Confirmed }));
        var data = new JsonObject { [Tools] = UniqueMembers.ToNode(ToElement(answers)) };
        return new ApprovalResolution(isRejected ? ApprovalStatus.Rejected : ApprovalStatus.Approved, now, by, ToElement(data));
    }

    /// <summary>Gives the decision that stands for one that nobody made in time.</summary>
    public static ApprovalResolution Expiry(ApprovalRecord approval, long now)
    {
        var deadline = DateTimeOffset.FromUnixTimeSeconds(approval.ExpiresAt ?? now).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new ApprovalResolution(
            ApprovalStatus.Expired, now, Data: ToElement(new JsonObject { [Note] = $"Nobody approved this call before {deadline}, so it was not made." }));
    }

    /// <summary>Gives what is told of an answered call in its audit.</summary>
    public static JsonElement? DataOf(ToolExecution answered)
    {
        var data = new JsonObject();
        if (answered.ConfirmationNote is { } note)
        {
            data[Note] = note;
        }

        var values = new JsonObject();
        foreach (var field in answered.UserInputSchema ?? [])
        {
            values[field.Name] = field.Value is { } value ? UniqueMembers.ToNode(value) : null;
        }

        foreach (var question in answered.UserFeedbackSchema ?? [])
        {
            values[question.Question] = new JsonArray([.. (question.Selection ?? []).Select(label => JsonValue.Create(label))]);
        }

        if (values.Count > 0)
        {
            data[Values] = values;
        }

        if (answered.ExternalExecutionRequired is not null && answered.Result is { } result)
        {
            data[Result] = result;
        }

        return data.Count == 0 ? null : ToElement(data);
    }

    /// <summary>Reads the answers to calls among what came with a decision.</summary>
    /// <returns>The calls; null when the member is another one, or holds no answers.</returns>
    public static List<ToolExecution>? ReadCalls(JsonProperty member) => member.Name == Tools && member.Value.ValueKind == JsonValueKind.Array ? TryRead(member.Value) : null;

    public static JsonElement ToElement(IEnumerable<ToolExecution> answers) => JsonSerializer.SerializeToElement([.. answers], EngineJson.Context.ListToolExecution);

    public static JsonElement ToElement(JsonNode data) => JsonElement.Parse(data.ToJsonString(EngineJson.Options));

    private static List<ToolExecution> Given(JsonElement? data) =>
        Member(data, Tools) is { ValueKind: JsonValueKind.Array } tools && TryRead(tools) is { } read ? read : [];

    /// <summary>Whoever resolves an approval may send anything along; what does not read as answers is not taken for any.</summary>
    private static List<ToolExecution>? TryRead(JsonElement tools)
    {
        try
        {
            return tools.Deserialize(EngineJson.Context.ListToolExecution) is { } read && !read.Contains(null!) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Member(JsonElement? json, string name) =>
        json is { ValueKind: JsonValueKind.Object } data && data.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Text(JsonElement? json) => json is { } value ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText() : null;

    private static ImmutableArray<string>? Labels(JsonElement? json) => json switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(label => Text(label)!)],
        { } one => [Text(one)!],
        null => null,
    };
}
