using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Json;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>Looks at an input before anything of it is recorded.</summary>
internal static class InputCheck
{
    /// <summary>Refuses an input that does not fit the agent's schema, and an output schema that is none.</summary>
    /// <exception cref="InvalidRequestException">It does not fit.</exception>
    public static void Demand(Agent agent, RunRequest request)
    {
        if (request.Overrides.OutputSchema is { } output)
        {
            OutputSchema.FromJson(output);
        }

        if (agent.InputSchema is { } schema && Error(request.Input.InputContent.Json ?? Parse(request.Input.InputContent.Text), schema) is { } error)
        {
            throw new InvalidRequestException($"The input does not fit the input schema of agent '{agent.AgentId}': {error}.");
        }
    }

    /// <summary>
    /// Lets every guardrail screen the input, so that what one masks is recorded nowhere. The first refusal ends the run when its turn comes; those behind
    /// it still mask what is theirs.
    /// </summary>
    public static RunRequest Screen(Agent agent, RunRequest request)
    {
        InputRefusal? refusal = null;
        foreach (var guardrail in agent.Guardrails)
        {
            var (input, found) = guardrail.Screen(request.Input);
            request = request with
            {
                Input = input,
                SessionState = Map(request.SessionState),
                Dependencies = Map(request.Dependencies),
                Metadata = Map(request.Metadata),
                Background = request.Background is { } told ? Hear(told) : null,
            };
            refusal ??= found is null ? null : new InputRefusal(guardrail.Name, found.Trigger, found.Message, found.AdditionalData);

            string Hear(string told)
            {
                (var screened, var refused) = guardrail.Screen(RunInput.FromString(told));
                found ??= refused;
                return screened.InputContent.ToString();
            }

            JsonElement? Map(JsonElement? values) => values is { } json ? InputTexts.Map(json, Change) : null;

            string Change(string text)
            {
                (var screened, var refused) = guardrail.Screen(text, TextOrigin.Value);
                found ??= refused;
                return screened;
            }
        }

        return request.Refusal == refusal ? request : request with { Refusal = refusal };
    }

    /// <summary>Lets every guardrail screen what a human answered. An answer that one refuses is not recorded: the human can give another one.</summary>
    /// <exception cref="InvalidRequestException">A guardrail refuses an answer.</exception>
    public static ImmutableArray<ToolExecution>? Screen(Agent? agent, ImmutableArray<ToolExecution>? tools)
    {
        if (tools is not { } answers || agent is not { Guardrails.IsEmpty: false })
        {
            return tools;
        }

        return [.. answers.Select(answer => answer with
        {
            Result = answer.Result is { } result ? Screen(agent, result) : null,
            ConfirmationNote = answer.ConfirmationNote is { } note ? Screen(agent, note) : null,
            UserInputSchema = answer.UserInputSchema is { } fields
                ? [.. fields.Select(field => field.Value is { } value ? field with { Value = Screen(agent, value) } : field)]
                : null,
            UserFeedbackSchema = answer.UserFeedbackSchema is { } questions
                ? [.. questions.Select(question => question.Selection is { } chosen ? question with { SelectedOptions = [.. chosen.Select(text => Screen(agent, text))] } : question)]
                : null,
        })];
    }

    /// <summary>Lets every guardrail screen all texts of what came with a human's decision.</summary>
    /// <exception cref="InvalidRequestException">A guardrail refuses it.</exception>
    public static JsonElement Screen(Agent agent, JsonElement answer) => InputTexts.Map(answer, text => Screen(agent, text));

    private static string Screen(Agent agent, string answer) => agent.Guardrails.Aggregate(answer, (before, guardrail) => guardrail.Screen(before, TextOrigin.Answer) switch
    {
        { Refusal: { } refusal } => throw new InvalidRequestException($"{refusal.Message} ({refusal.Trigger})"),
        { Text: var screened } => screened,
    });

    private static string? Error(JsonElement? input, JsonElement schema) =>
        input is { } value ? SchemaCheck.FindError(value, schema) : "it is not JSON";

    private static JsonElement? Parse(string? text)
    {
        try
        {
            return UniqueMembers.Parse(text ?? string.Empty);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
