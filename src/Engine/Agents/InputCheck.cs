using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;

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
        var input = request.Input;
        InputRefusal? refusal = null;
        foreach (var guardrail in agent.Guardrails)
        {
            (input, var found) = guardrail.Screen(input);
            refusal ??= found is null ? null : new InputRefusal(guardrail.Name, found.Trigger, found.Message, found.AdditionalData);
        }

        return request with { Input = input, Refusal = refusal };
    }

    private static string? Error(JsonElement? input, JsonElement schema) =>
        input is { } value ? SchemaCheck.FindError(value, schema) : "it is not JSON";

    private static JsonElement? Parse(string? text)
    {
        try
        {
            return JsonElement.Parse(text ?? string.Empty);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
