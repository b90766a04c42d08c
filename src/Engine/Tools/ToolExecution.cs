using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Json;

namespace Cluster.Engine.Tools;

/// <summary>
/// One call of a tool, from the model's wish to its outcome. Clients get it in events and runs, and send it back, filled in, to continue a paused run.
/// Every member is always written, null or not: clients rely on the full set of keys.
/// </summary>
public sealed record ToolExecution
{
    /// <summary>
    /// Stands in <see cref="ConfirmationNote"/> of a call whose outcome is unknown because the process died while the tool worked. Whoever confirms it with a
    /// result says that it was made; whoever confirms it without one has it made again.
    /// </summary>
    public const string InDoubtNote =
        "The server stopped while this tool worked, so its outcome is unknown. Confirm to call it again, confirm with a result to use that, or reject.";

    /// <summary>Gets the call's id, as the model gave it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ToolCallId { get; init; }

    /// <summary>Gets the tool's name.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ToolName { get; init; }

    /// <summary>Gets the arguments, an object; null when the model's text could not be read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonElement? ToolArgs { get; init; }

    /// <summary>Gets a value indicating whether the call failed; null until it ended, and for results from outside.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool? ToolCallError { get; init; }

    /// <summary>Gets what the tool answered, or what went wrong; null until it ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Result { get; init; }

    /// <summary>Gets when the call began and ended; null until it ended.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ToolCallMetrics? Metrics { get; init; }

    /// <summary>Gets the run that the call started, for instance a team member's; null when it started none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ChildRunId { get; init; }

    /// <summary>Gets a value indicating whether the run ends after this call instead of asking the model again.</summary>
    public bool StopAfterToolCall { get; init; }

    /// <summary>Gets when the model asked for the call, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets a value indicating whether a human has to agree first; null when nobody was ever asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool? RequiresConfirmation { get; init; }

    /// <summary>Gets the human's answer; null while there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool? Confirmed { get; init; }

    /// <summary>Gets what the human said about the answer; null when nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ConfirmationNote { get; init; }

    /// <summary>Gets a value indicating whether a human has to fill in arguments; null when nobody was ever asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool? RequiresUserInput { get; init; }

    /// <summary>Gets the arguments that a human fills in, with what the model suggests; null without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImmutableArray<UserInputField>? UserInputSchema { get; init; }

    /// <summary>Gets the questions that a human answers; null without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImmutableArray<UserFeedbackQuestion>? UserFeedbackSchema { get; init; }

    /// <summary>Gets a value indicating whether the human's input has arrived; null when none was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool? Answered { get; init; }

    /// <summary>Gets a value indicating whether the call is made outside and its result sent in; null when it never was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool? ExternalExecutionRequired { get; init; }

    /// <summary>Gets a value indicating whether an external call pauses the run without a text.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public bool? ExternalExecutionSilent { get; init; }

    /// <summary>Gets <c>required</c> or <c>audit</c> when an approval record goes with the call; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ApprovalType { get; init; }

    /// <summary>Gets the approval record; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ApprovalId { get; init; }

    /// <summary>Gets a value indicating whether a human still has to act before the call can go on.</summary>
    [JsonIgnore]
    public bool IsWaiting =>
        RequiresConfirmation == true || RequiresUserInput == true || (ExternalExecutionRequired == true && Result is null);
}

/// <summary>When a tool call began and ended.</summary>
/// <param name="StartTime">The start, in Unix seconds with fractions.</param>
/// <param name="EndTime">The end, in Unix seconds with fractions.</param>
/// <param name="Duration">The length in seconds.</param>
public sealed record ToolCallMetrics(double StartTime, double EndTime, double Duration);

/// <summary>One argument that a human fills in.</summary>
/// <param name="Name">The argument's name.</param>
/// <param name="FieldType">Its type: <c>str</c>, <c>int</c>, <c>float</c>, <c>bool</c>, <c>list</c> or <c>dict</c>.</param>
/// <param name="Description">What it is for; null when the tool does not say.</param>
/// <param name="Value">The value: the model's suggestion, then the human's answer; null while there is none.</param>
public sealed record UserInputField(
    string Name,
    string FieldType,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Description,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonElement? Value);

/// <summary>A question that a human answers by choosing.</summary>
public sealed record UserFeedbackQuestion
{
    /// <summary>Gets the question.</summary>
    public required string Question { get; init; }

    /// <summary>Gets a word or two that name the question; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Header { get; init; }

    /// <summary>Gets what there is to choose from; null for a free answer.</summary>
    public ImmutableArray<UserFeedbackOption>? Options { get; init; }

    /// <summary>Gets a value indicating whether several options may be chosen.</summary>
    public bool MultiSelect { get; init; }

    /// <summary>Gets the labels that the human chose, or words of their own; null while there is no answer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImmutableArray<string>? SelectedOptions { get; init; }

    /// <summary>Gets the answer, wherever the human marked it; null while there is none.</summary>
    [JsonIgnore]
    public ImmutableArray<string>? Selection => SelectedOptions
        ?? (Options is { } options && options.Any(option => option.Selected) ? [.. options.Where(option => option.Selected).Select(option => option.Label)] : null);
}

/// <summary>One answer that a question offers.</summary>
/// <param name="Label">What is chosen.</param>
/// <param name="Description">What it means; null when the label says it.</param>
/// <param name="Selected">True when the human chose it.</param>
public sealed record UserFeedbackOption(string Label, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Description = null, bool Selected = false);

/// <summary>What a paused run needs from a human.</summary>
public sealed record RunRequirement
{
    /// <summary>Gets the requirement's id, a UUID.</summary>
    public required string Id { get; init; }

    /// <summary>Gets when the run paused for it.</summary>
    [JsonConverter(typeof(MicrosecondConverter))]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets the human's answer; null while there is none.</summary>
    public bool? Confirmation { get; init; }

    /// <summary>Gets what the human said about the answer; null when nothing.</summary>
    public string? ConfirmationNote { get; init; }

    /// <summary>Gets the result that came from outside; null while there is none.</summary>
    public string? ExternalExecutionResult { get; init; }

    /// <summary>Gets the member of the team that waits; null when it is the run's own call.</summary>
    public string? MemberAgentId { get; init; }

    /// <summary>Gets that member's name; null when it is the run's own call.</summary>
    public string? MemberAgentName { get; init; }

    /// <summary>Gets that member's run; null when it is the run's own call.</summary>
    public string? MemberRunId { get; init; }

    /// <summary>Gets, where <see cref="MemberAgentId"/> is a team, the members below it, down to the one whose call it is; null otherwise.</summary>
    public ImmutableArray<string>? MemberPath { get; init; }

    /// <summary>Gets the call that waits.</summary>
    public required ToolExecution ToolExecution { get; init; }

    /// <summary>Gets the arguments to fill in, as they were asked for; null without any.</summary>
    public ImmutableArray<UserInputField>? UserInputSchema { get; init; }

    /// <summary>Gets the questions, as they were asked; null without any.</summary>
    public ImmutableArray<UserFeedbackQuestion>? UserFeedbackSchema { get; init; }

    /// <summary>
    /// Gets a value indicating whether a human still has to answer. Values that the model has filled in are suggestions and no answers. Whoever refuses a call need
    /// not fill it in.
    /// </summary>
    [JsonIgnore]
    public bool IsOpen => ToAnswer() is { Confirmed: not false } call
        && ((call.RequiresConfirmation == true && call.Confirmed is null)
            || (call.ExternalExecutionRequired == true && call.Result is null)
            || call is { RequiresUserInput: true, Answered: not true }
            || (call.UserFeedbackSchema ?? []).Any(question => question.Selection is null));

    /// <summary>Gives the call with the human's answers, wherever they were written: members of the call itself win over those beside it.</summary>
    /// <returns>The call.</returns>
    public ToolExecution ToAnswer() => ToolExecution with
    {
        Confirmed = ToolExecution.Confirmed ?? Confirmation,
        ConfirmationNote = ToolExecution.ConfirmationNote ?? ConfirmationNote,
        Result = ToolExecution.Result ?? ExternalExecutionResult,
        UserInputSchema = ToolExecution.UserInputSchema is { } fields ? [.. fields.Select(FillIn)] : UserInputSchema,
        UserFeedbackSchema = ToolExecution.UserFeedbackSchema is { } questions ? [.. questions.Select(FillIn)] : UserFeedbackSchema,
    };

    private UserInputField FillIn(UserInputField field) =>
        field.Value is null ? field with { Value = UserInputSchema?.FirstOrDefault(own => own.Name == field.Name)?.Value } : field;

    private UserFeedbackQuestion FillIn(UserFeedbackQuestion question) =>
        question.Selection is null ? question with { SelectedOptions = UserFeedbackSchema?.FirstOrDefault(own => own.Question == question.Question)?.Selection } : question;
}
