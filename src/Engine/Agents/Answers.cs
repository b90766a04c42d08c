using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>Checks what a human decided about a paused run.</summary>
public static class Answers
{
    /// <summary>Fits the decisions to the calls that wait. Only the answers count: what the model asked for cannot be changed by sending it back.</summary>
    /// <param name="state">The run.</param>
    /// <param name="tools">The calls as they were sent back; null or empty when nothing was decided.</param>
    /// <param name="agent">The agent, which knows the arguments that may be left out; null when it is not at hand, and then every one is needed.</param>
    /// <returns>The event to record.</returns>
    /// <exception cref="ConflictException">The run is not paused.</exception>
    /// <exception cref="InvalidRequestException">An answer is missing or does not fit.</exception>
    public static AnswersReceived Check(RunState state, ImmutableArray<ToolExecution>? tools, Agent? agent = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Phase != RunPhase.Paused)
        {
            throw NotPaused(state);
        }

        var waiting = Waiting(state);
        var given = tools ?? [];
        var known = (state.Output.Tools ?? []).Select(tool => tool.ToolCallId).ToHashSet(StringComparer.Ordinal);
        if (given.FirstOrDefault(tool => !known.Contains(tool.ToolCallId)) is { } stranger)
        {
            throw new InvalidRequestException($"Run {state.Output.RunId} has no tool call '{stranger.ToolCallId}'. Send back the tools of the paused run.");
        }

        return new AnswersReceived([.. waiting.Select(call => Fit(call, given.FirstOrDefault(tool => tool.ToolCallId == call.ToolCallId), ToolOf(state, agent, call)))]);
    }

    /// <summary>Fits answers to some of the calls that wait; the others wait on.</summary>
    /// <exception cref="InvalidRequestException">An answer lacks something.</exception>
    internal static ImmutableArray<ToolExecution> Fit(RunState state, ImmutableArray<ToolExecution> tools, Agent? agent) =>
    [
        .. Waiting(state)
            .Select(call => (Call: call, Answer: tools.FirstOrDefault(tool => tool.ToolCallId == call.ToolCallId)))
            .Where(pair => pair.Answer is not null)
            .Select(pair => Fit(pair.Call, pair.Answer, ToolOf(state, agent, pair.Call))),
    ];

    /// <summary>Tells whether a run waits for just the calls that answers are for: one that has had them waits for others, or for nothing.</summary>
    /// <param name="state">The run.</param>
    /// <param name="continuation">The answers.</param>
    /// <returns>True when it can go on with them and with nothing less.</returns>
    public static bool Awaits(RunState state, RunContinuation continuation)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(continuation);
        if (state.Phase != RunPhase.Paused)
        {
            return false;
        }

        var open = state.Output.TeamId is null
            ? Waiting(state).Select(call => call.ToolCallId)
            : (state.Output.Requirements ?? []).Where(requirement => requirement.IsOpen).Select(requirement => requirement.ToolExecution.ToolCallId);
        return open.ToHashSet(StringComparer.Ordinal).SetEquals((continuation.Tools ?? []).Select(tool => tool.ToolCallId));
    }

    /// <summary>Says why a run does not take answers.</summary>
    internal static ConflictException NotPaused(RunState state) => new($"Cannot continue run {state.Output.RunId}: run is {Status(state.Output.Status)}");

    /// <summary>Gives the calls that a paused run waits for.</summary>
    internal static ToolExecution[] Waiting(RunState state) =>
        [.. state.Calls.Where(call => call is { Outcome: null, Execution: not null }).Select(call => call.Execution!)];

    private static Tool? ToolOf(RunState state, Agent? agent, ToolExecution call) =>
        agent?.NamingIn(state.ToolNames).Tools.FirstOrDefault(tool => tool.Name == call.ToolName);

    private static ToolExecution Fit(ToolExecution call, ToolExecution? answer, Tool? tool, bool takesEmpty = true)
    {
        var fields = Fill(call.UserInputSchema, answer?.UserInputSchema);
        var questions = Fill(call.UserFeedbackSchema, answer?.UserFeedbackSchema);
        var isRejected = IsRejected(call with { Confirmed = answer?.Confirmed });
        if (!isRejected)
        {
            Demand(call, answer, fields, tool, takesEmpty);
            DemandFeedback(call, questions);
        }

        return answer is null ? call : call with
        {
            ToolArgs = WithEmpty(call, answer, fields),
            Confirmed = answer.Confirmed,
            ConfirmationNote = answer.ConfirmationNote ?? call.ConfirmationNote,
            Result = answer.Result,
            UserInputSchema = fields,
            UserFeedbackSchema = questions,
            Answered = call.RequiresUserInput == true && !isRejected ? true : call.Answered,
        };
    }

    /// <summary>Tells whether a human has refused a call, or was asked to agree and did not.</summary>
    internal static bool IsRejected(ToolExecution call) => call.Confirmed == false || (call.RequiresConfirmation == true && call.Confirmed != true);

    private static void Demand(ToolExecution call, ToolExecution? answer, ImmutableArray<UserInputField>? fields, Tool? tool, bool takesEmpty)
    {
        if (call.ExternalExecutionRequired == true && answer?.Result is null)
        {
            throw new InvalidRequestException($"Tool {call.ToolName} requires external execution, cannot continue run");
        }

        if (call is { RequiresUserInput: true, UserFeedbackSchema: null } && Missing(answer, fields, tool, takesEmpty) is { } missing)
        {
            throw new InvalidRequestException($"Tool {call.ToolName} needs user input: {string.Join(", ", missing)}. Send the values in user_input_schema.");
        }
    }

    internal static ImmutableArray<UserInputField>? Fill(ImmutableArray<UserInputField>? asked, ImmutableArray<UserInputField>? answers) =>
        asked is { } fields && answers is { } given
            ? [.. fields.Select(field => field with { Value = given.FirstOrDefault(answer => answer?.Name == field.Name)?.Value ?? field.Value })]
            : asked;

    /// <summary>An argument that the user was asked for and left empty is null, and not what the tool takes when nobody says anything.</summary>
    private static JsonElement? WithEmpty(ToolExecution call, ToolExecution answer, ImmutableArray<UserInputField>? fields)
    {
        var given = (answer.UserInputSchema ?? []).Select(field => field?.Name).ToHashSet(StringComparer.Ordinal);
        var empty = (fields ?? []).Where(field => field.Value is null && given.Contains(field.Name)).ToArray();
        if (empty.Length == 0 || call is not { RequiresUserInput: true, ToolArgs: { ValueKind: JsonValueKind.Object } arguments })
        {
            return call.ToolArgs;
        }

        var filled = Json.UniqueMembers.ToObject(arguments);
        foreach (var field in empty)
        {
            filled[field.Name] = null;
        }

        return JsonElement.Parse(filled.ToJsonString(Json.EngineJson.Options));
    }

    /// <summary>Refuses an answer to one call that lacks something. Without the tool at hand every value is needed.</summary>
    internal static void Demand(ToolExecution call, ToolExecution answer, Tool? tool) => Fit(call, answer, tool, takesEmpty: false);

    /// <summary>Tells whether a human has given the input that a call waits for. What the model has filled in stands as it is when the human sends it back.</summary>
    internal static bool IsInputGiven(ToolExecution call, ToolExecution answer, Tool? tool) =>
        call.RequiresUserInput == true && (call.UserFeedbackSchema is not null || Missing(answer, Fill(call.UserInputSchema, answer.UserInputSchema), tool, takesEmpty: false) is null);

    private static void DemandFeedback(ToolExecution call, ImmutableArray<UserFeedbackQuestion>? questions)
    {
        if ((questions ?? []).FirstOrDefault(question => question.Selection is null) is { } open)
        {
            throw new InvalidRequestException($"Tool {call.ToolName} needs an answer to '{open.Question}'. Send the chosen labels as selected_options in user_feedback_schema.");
        }

        if ((questions ?? []).FirstOrDefault(question => !question.MultiSelect && question.Selection!.Value.Length > 1) is { } crowded)
        {
            throw new InvalidRequestException($"'{crowded.Question}' takes one answer and got {crowded.Selection!.Value.Length}. Send one of them as selected_options.");
        }
    }

    internal static ImmutableArray<UserFeedbackQuestion>? Fill(ImmutableArray<UserFeedbackQuestion>? asked, ImmutableArray<UserFeedbackQuestion>? answers) =>
        asked is { } questions && answers is { } given
            ? [.. questions.Select(question => question with { SelectedOptions = given.FirstOrDefault(answer => answer?.Question == question.Question)?.Selection })]
            : asked;

    /// <summary>Names the arguments that lack a value. Where nobody has answered, that is each that the model left open, needed or not, or else all of them.</summary>
    /// <returns>The names; null when nothing is missing.</returns>
    /// <param name="answer">The answer; null for none.</param>
    /// <param name="fields">The arguments with the values that it gives.</param>
    /// <param name="tool">The tool; null when it is not at hand.</param>
    /// <param name="takesEmpty">Whether a field that comes back without a value is answered so.</param>
    private static string[]? Missing(ToolExecution? answer, ImmutableArray<UserInputField>? fields, Tool? tool, bool takesEmpty)
    {
        var all = fields ?? [];
        var open = all.Where(field => field.Value is null).Select(field => field.Name).ToArray();
        if (answer is not ({ UserInputSchema: not null } or { Answered: true }))
        {
            return open.Length > 0 ? open : [.. all.Select(field => field.Name)];
        }

        var known = tool is { Options.Question: UserQuestion.None } ? ToolSchema.Required(tool.AllParameters) : open;
        var empty = takesEmpty && tool is { Options.Question: UserQuestion.None } ? (answer.UserInputSchema ?? []).Select(field => field?.Name) : [];
        var needed = open.Intersect(known, StringComparer.Ordinal).Except(empty.OfType<string>(), StringComparer.Ordinal).ToArray();
        return needed.Length > 0 ? needed : null;
    }

    private static string Status(RunStatus status) => status switch
    {
        RunStatus.Cancelled => "cancelled",
        RunStatus.Completed => "completed",
        RunStatus.Error => "in error",
        _ => "already running",
    };
}
