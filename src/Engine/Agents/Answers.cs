using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
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

        return new AnswersReceived([.. waiting.Select(call => Fit(call, given.FirstOrDefault(tool => tool.ToolCallId == call.ToolCallId), agent))]);
    }

    /// <summary>Fits answers to some of the calls that wait; the others wait on.</summary>
    /// <exception cref="InvalidRequestException">An answer lacks something.</exception>
    internal static ImmutableArray<ToolExecution> Fit(RunState state, ImmutableArray<ToolExecution> tools, Agent? agent) =>
    [
        .. Waiting(state)
            .Select(call => (Call: call, Answer: tools.FirstOrDefault(tool => tool.ToolCallId == call.ToolCallId)))
            .Where(pair => pair.Answer is not null)
            .Select(pair => Fit(pair.Call, pair.Answer, agent)),
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

    private static ToolExecution Fit(ToolExecution call, ToolExecution? answer, Agent? agent)
    {
        var fields = Fill(call.UserInputSchema, answer?.UserInputSchema);
        var questions = Fill(call.UserFeedbackSchema, answer?.UserFeedbackSchema);
        if (!IsRejected(call with { Confirmed = answer?.Confirmed }))
        {
            Demand(call, answer, fields, agent);
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
        };
    }

    /// <summary>Tells whether a human has refused a call, or was asked to agree and did not.</summary>
    internal static bool IsRejected(ToolExecution call) => call.Confirmed == false || (call.RequiresConfirmation == true && call.Confirmed != true);

    private static void Demand(ToolExecution call, ToolExecution? answer, ImmutableArray<UserInputField>? fields, Agent? agent)
    {
        if (call.ExternalExecutionRequired == true && answer?.Result is null)
        {
            throw new InvalidRequestException($"Tool {call.ToolName} requires external execution, cannot continue run");
        }

        if (call.RequiresUserInput == true && Missing(call, answer, fields, agent) is { Length: > 0 } missing)
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

        var filled = JsonObject.Create(arguments)!;
        foreach (var field in empty)
        {
            filled[field.Name] = null;
        }

        return JsonElement.Parse(filled.ToJsonString(Json.EngineJson.Options));
    }

    /// <summary>Refuses an answer to one call that lacks something, as far as that can be seen without its agent.</summary>
    internal static void Demand(ToolExecution call, ToolExecution answer) => Fit(call, answer, agent: null);

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

    /// <summary>Names the arguments that lack a value. Without any answer that is every one which the model left open, needed or not.</summary>
    private static string[] Missing(ToolExecution call, ToolExecution? answer, ImmutableArray<UserInputField>? fields, Agent? agent)
    {
        var open = (fields ?? []).Where(field => field.Value is null).Select(field => field.Name);
        var tool = agent?.OfferedTools.FirstOrDefault(tool => tool.Name == call.ToolName);
        return answer?.UserInputSchema is null || tool is not { Options.Question: UserQuestion.None }
            ? [.. open]
            : [.. open.Intersect(ToolSchema.Required(tool.AllParameters), StringComparer.Ordinal).Except(answer.UserInputSchema.Value.Select(field => field?.Name ?? string.Empty), StringComparer.Ordinal)];
    }

    private static string Status(RunStatus status) => status switch
    {
        RunStatus.Cancelled => "cancelled",
        RunStatus.Completed => "completed",
        RunStatus.Error => "in error",
        _ => "already running",
    };
}
