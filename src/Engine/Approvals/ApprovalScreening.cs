using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Json;

namespace Cluster.Engine.Approvals;

/// <summary>Lets the guardrails of an agent look at what comes with a decision about one of its calls, wherever the agent is at hand.</summary>
public static class ApprovalScreening
{
    /// <summary>Screens what comes with a decision, as <see cref="IGuardrail.Screen(string, TextOrigin)"/> does with answers.</summary>
    /// <param name="resolution">The decision.</param>
    /// <param name="approval">What is decided about. Members of teams are known by their id only, so all that have it look.</param>
    /// <param name="agents">Where the agent is looked up; when it is not there, nobody looks.</param>
    /// <returns>The decision as it may be recorded.</returns>
    /// <exception cref="InvalidRequestException">A guardrail refuses it. Nothing is decided.</exception>
    public static ApprovalResolution Screen(ApprovalResolution resolution, ApprovalRecord approval, IAgentCatalog agents)
    {
        ArgumentNullException.ThrowIfNull(resolution);
        ArgumentNullException.ThrowIfNull(approval);
        return resolution.Data is { ValueKind: JsonValueKind.Object } data
            ? resolution with { Data = agents.All().Where(agent => agent.AgentId == (approval.AgentId ?? approval.TeamId) && !agent.Guardrails.IsEmpty).Aggregate(data, Screen) }
            : resolution;
    }

    private static JsonElement Screen(JsonElement data, Agent agent)
    {
        var screened = new JsonObject();
        foreach (var member in data.EnumerateObject())
        {
            // Ids and names of calls are no texts of the human.
            var value = ApprovalAnswers.ReadCalls(member) is { } calls ? ApprovalAnswers.ToElement(InputCheck.Screen(agent, [.. calls])!.Value) : InputCheck.Screen(agent, member.Value);
            screened[member.Name] = UniqueMembers.ToNode(value);
        }

        return ApprovalAnswers.ToElement(screened);
    }
}
