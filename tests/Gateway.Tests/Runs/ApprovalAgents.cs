using System.Collections.Concurrent;
using System.Text.Json;
using Cluster.Api.Tests;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Gateway.Tests.Runs;

/// <summary>Agents whose call waits for an approval: one with all the time in the world, one whose approvals are overdue at once.</summary>
internal static class ApprovalAgents
{
    /// <summary>Gets how often the tool was called in which run.</summary>
    public static ConcurrentDictionary<string, int> Calls { get; } = new(StringComparer.Ordinal);

    public static IReadOnlyList<Agent> All { get; } =
    [
        Create("patient", new ToolOptions { ApprovalType = ApprovalType.Required }),
        Create("hurried", new ToolOptions { ApprovalType = ApprovalType.Required, ApprovalTimeout = TimeSpan.FromTicks(1) }),
        Team("patient-team", Create("patient-member", new ToolOptions { ApprovalType = ApprovalType.Required })),
        Team("hurried-team", Create("hurried-member", new ToolOptions { ApprovalType = ApprovalType.Required, ApprovalTimeout = TimeSpan.FromTicks(1) })),
    ];

    private static Team Team(string id, Agent member) => new()
    {
        Id = id,
        Members = [member],
        Model = ScriptedModelProvider.Create(new Script
        {
            Text = "Team: {result}",
            Calls = [new ScriptedCall("delegate_task_to_member", JsonSerializer.SerializeToElement(new { member_id = member.AgentId, task = "go" }))],
        }),
    };

    private static Agent Create(string id, ToolOptions options)
    {
        var tool = Tool.Create(Deploy, options);
        return TestApi.Scripted(id, id, new Script { Text = "Done: {result}", Calls = [new ScriptedCall(tool.Name, JsonElement.Parse("{}"))] }) with { Tools = [tool] };
    }

    private static string Deploy(RunContext context)
    {
        Calls.AddOrUpdate(context.RunId, 1, (_, count) => count + 1);
        return "deployed";
    }
}
