using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Chaos.Host;

/// <summary>A team with a team in it: members that take steps, one that fails, and one whose steps a human has to agree to. All get the team's input, how many steps to take.</summary>
public static class Crew
{
    public static Agent Create(StepTool steps) => Broadcasting(
        "crew",
        Broadcasting("inner", steps.CreateAgent("ann", ToolEffect.Keyed), steps.CreateAgent("bob", ToolEffect.Keyed)),
        steps.CreateAgent("worker", ToolEffect.Keyed),
        new Agent { Id = "broken", Name = "broken", Model = ScriptedModelProvider.Create(new Script { Failure = "The provider is down" }) },
        steps.CreateAgent("careful", ToolEffect.Keyed, requiresConfirmation: true));

    /// <summary>Makes a team whose member waits for an administrator.</summary>
    public static Agent CreateBoard() => Broadcasting("board", CreateApprover());

    /// <summary>Makes an agent whose call an administrator would have to approve within seconds.</summary>
    public static Agent CreateApprover()
    {
        var tool = Tool.Create(() => "deployed", new ToolOptions { Name = "deploy", ApprovalType = ApprovalType.Required, ApprovalTimeout = TimeSpan.FromSeconds(5) });
        var script = new Script { Text = "It says: {result}", Calls = [new ScriptedCall(tool.Name, JsonElement.Parse("{}"))] };
        return new Agent { Id = "approver", Name = "approver", Model = ScriptedModelProvider.Create(script), Tools = [tool] };
    }

    private static Team Broadcasting(string id, params Agent[] members) => new()
    {
        Id = id,
        Name = id,
        Mode = TeamMode.Broadcast,
        Members = [.. members],
        Model = ScriptedModelProvider.Create(new Script
        {
            Text = "{result}",
            Calls = [new ScriptedCall("delegate_task_to_members", JsonElement.Parse("""{"task":"{input}"}"""))],
        }),
    };
}
