using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Cluster.Engine.Tools.Schemas;

namespace Cluster.Engine.Agents;

/// <summary>What becomes of a tool call.</summary>
internal enum DecisionKind
{
    /// <summary>It has its outcome without a call: refused, rejected by a human, or made outside.</summary>
    Settle,

    /// <summary>The tool is called.</summary>
    Call,

    /// <summary>A human is asked first.</summary>
    Ask,

    /// <summary>The tool is asked whether an earlier owner's call was made.</summary>
    Verify,
}

/// <summary>A decision about one tool call.</summary>
/// <param name="Kind">What becomes of it.</param>
/// <param name="Execution">The call.</param>
/// <param name="Tool">The tool; null when there is none of that name.</param>
/// <param name="IsRepetition">True when the intent is on record already.</param>
/// <param name="Told">What the model is told when that is not the result.</param>
internal sealed record ToolDecision(DecisionKind Kind, ToolExecution Execution, Tool? Tool, bool IsRepetition = false, string? Told = null)
{
    /// <summary>Gets what the call made, as the tool found it again; null for nothing.</summary>
    public RunMedia? Media { get; init; }
}

/// <summary>Decides about the tool calls of a turn that have no outcome yet.</summary>
/// <param name="run">The run.</param>
internal sealed class ToolDecisions(AgentRun run)
{
    private const string NotAvailable = "Error: The requested tool does not exist or is not available.";
    private const string Rejected = "Function call was rejected by the user";

    public IReadOnlyList<ToolDecision> Decide()
    {
        var limit = run.Agent.ToolCalls.Limit;
        var used = limit is null ? 0 : CountEarlier();
        var decisions = new List<ToolDecision>(run.State.Calls.Length);
        foreach (var call in run.State.Calls)
        {
            // The place of a call decides, whatever has become of the others of its turn: after a crash some have their outcome.
            var isOverLimit = used >= limit;
            used += isOverLimit ? 0 : 1;
            if (call.Outcome is not null)
            {
                continue;
            }

            var tool = run.Tools.FirstOrDefault(tool => tool.Name == call.Call.Function.Name);
            decisions.Add(call.Execution is null && isOverLimit ? OverLimit(call)
                : run.State.Team.IsWaiting(call.Call.Id) ? new ToolDecision(DecisionKind.Ask, call.Execution!, tool)
                : Decide(call, tool));
        }

        return decisions;
    }

    /// <summary>Counts the calls of the turns before this one.</summary>
    private int CountEarlier()
    {
        var turn = run.State.Calls.Select(call => call.Call.Id).ToHashSet(StringComparer.Ordinal);
        return (run.State.Output.Tools ?? []).Count(call => !turn.Contains(call.ToolCallId!));
    }

    private ToolDecision Decide(ToolCallState call, Tool? tool)
    {
        var execution = call.Execution ?? NewExecution(call, tool);
        if (tool is null && !call.IsInDoubt)
        {
            return Refuse(execution, NotAvailable);
        }

        if (execution.ToolArgs is null)
        {
            return Refuse(execution, $"Error: The arguments are not a JSON object: {call.Call.Function.Arguments}");
        }

        if (call.IsAnswered)
        {
            return Answered(call, execution, tool);
        }

        // Of a tool that is gone for now, for instance with its server, nobody knows what its calls do.
        if (tool is null || (call.IsInDoubt && tool.Options.Effect == ToolEffect.Once))
        {
            return Doubt(execution, tool);
        }

        return call.IsIntended ? new ToolDecision(DecisionKind.Call, execution, tool, IsRepetition: true) : Begin(call, execution, tool);
    }

    /// <summary>Nothing was done about the call: a human may have to be asked, by the agent's wish or by the model's.</summary>
    private static ToolDecision Begin(ToolCallState call, ToolExecution execution, Tool tool)
    {
        if (call.Execution is null && tool.Options.Question is not UserQuestion.None and var question)
        {
            return UserQuestions.Ask(execution, question) is { } asked
                ? new ToolDecision(DecisionKind.Ask, asked, tool)
                : Refuse(execution, $"Error: The arguments ask the user nothing: {call.Call.Function.Arguments}");
        }

        return new ToolDecision(execution.IsWaiting ? DecisionKind.Ask : DecisionKind.Call, execution, tool);
    }

    private static ToolDecision Doubt(ToolExecution execution, Tool? tool) =>
        tool?.Options.VerifyAsync is null ? AskInDoubt(execution, tool) : new ToolDecision(DecisionKind.Verify, execution, tool);

    /// <summary>A human may agree to a call whose tool is gone by then.</summary>
    private static ToolDecision Answered(ToolCallState call, ToolExecution execution, Tool? tool)
    {
        var decision = Follow(call, execution, tool);
        return decision is { Kind: DecisionKind.Call, Tool: null } ? Refuse(execution, NotAvailable) : decision;
    }

    /// <summary>Leaves a call whose outcome is unknown to a human.</summary>
    public static ToolDecision AskInDoubt(ToolExecution execution, Tool? tool) => new(
        DecisionKind.Ask, execution with { RequiresConfirmation = true, Confirmed = null, ConfirmationNote = ToolExecution.InDoubtNote, Result = null }, tool);

    /// <summary>A human has answered: a result from outside, filled-in arguments, or yes or no. No answer is no.</summary>
    private static ToolDecision Follow(ToolCallState call, ToolExecution execution, Tool? tool)
    {
        if (Answers.IsRejected(execution))
        {
            return Reject(execution, tool);
        }

        if (tool is { Options.Question: not UserQuestion.None and var question })
        {
            var told = execution with { RequiresUserInput = false, Answered = true, ToolCallError = false };
            return new ToolDecision(DecisionKind.Settle, told, tool, Told: UserQuestions.Tell(execution, question));
        }

        if (execution.ExternalExecutionRequired == true)
        {
            return new ToolDecision(DecisionKind.Settle, execution with { ExternalExecutionRequired = false }, tool);
        }

        if (execution.RequiresUserInput == true)
        {
            var filled = execution with { ToolArgs = FillIn(execution), RequiresUserInput = false, Answered = true };
            return new ToolDecision(DecisionKind.Call, filled, tool);
        }

        // A human who knows the outcome of a call in doubt says so in the result.
        return call.IsInDoubt && execution.Result is not null
            ? new ToolDecision(DecisionKind.Settle, execution with { RequiresConfirmation = false }, tool)
            : new ToolDecision(DecisionKind.Call, execution, tool);
    }

    private static ToolDecision Reject(ToolExecution execution, Tool? tool)
    {
        var note = execution.ConfirmationNote is null or ToolExecution.InDoubtNote ? null : execution.ConfirmationNote;
        var rejected = execution with
        {
            RequiresConfirmation = execution.RequiresConfirmation is null ? null : false,
            RequiresUserInput = execution.RequiresUserInput is null ? null : false,
            ExternalExecutionRequired = execution.ExternalExecutionRequired is null ? null : false,
            Confirmed = false,
            ConfirmationNote = note ?? "Tool call was rejected",
            ToolCallError = true,
        };
        return new ToolDecision(DecisionKind.Settle, rejected, tool, Told: note ?? Rejected);
    }

    private static JsonElement FillIn(ToolExecution execution)
    {
        var arguments = Json.UniqueMembers.ToObject(execution.ToolArgs!.Value);
        foreach (var field in execution.UserInputSchema ?? [])
        {
            if (field.Value is { } value)
            {
                arguments[field.Name] = Json.UniqueMembers.ToNode(value);
            }
        }

        return JsonElement.Parse(arguments.ToJsonString(Json.EngineJson.Options));
    }

    private static ToolDecision Refuse(ToolExecution execution, string error) =>
        new(DecisionKind.Settle, execution with { Result = error, ToolCallError = true }, null);

    private ToolDecision OverLimit(ToolCallState call) => Refuse(
        NewExecution(call, null), $"The tool call limit of {run.Agent.ToolCalls.Limit} is reached. {call.Call.Function.Name} was not executed. Answer with what you have.");

    private ToolExecution NewExecution(ToolCallState call, Tool? tool)
    {
        var text = call.Call.Function.Arguments;
        var arguments = ChatMessages.ReadArguments(text) ?? (tool is null ? null : CallArguments.Mend(text, tool.Parameters));
        var options = tool?.Options ?? ToolOptions.Default;
        return new ToolExecution
        {
            ToolCallId = call.Call.Id,
            ToolName = call.Call.Function.Name,
            ToolArgs = arguments,
            CreatedAt = run.Stamp.UnixSeconds,
            StopAfterToolCall = options.StopAfterCall,
            RequiresConfirmation = options.RequiresConfirmation ? true : null,
            ExternalExecutionRequired = options.ExternalExecution ? true : null,
            ExternalExecutionSilent = options.ExternalExecution && options.ExternalExecutionSilent ? true : null,
            RequiresUserInput = options.UserInputFields is null ? null : true,
            UserInputSchema = options.UserInputFields is null ? null : Fields(tool!, arguments),
            ApprovalType = ApprovalTypes.NameOf(options.ApprovalType),
        };
    }

    /// <summary>All arguments are shown, so that the human sees what the model wants; the model's values are filled in.</summary>
    private static ImmutableArray<UserInputField> Fields(Tool tool, JsonElement? arguments) =>
    [
        .. ToolSchema.Fields(tool.AllParameters).Select(field => new UserInputField(
            field.Name, field.Type, field.Description, arguments?.TryGetProperty(field.Name, out var value) == true ? value : null)),
    ];
}
