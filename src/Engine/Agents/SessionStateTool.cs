using System.ComponentModel;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>The tool with which a model changes the session state.</summary>
internal static class SessionStateTool
{
    public static Tool Update { get; } = Tool.Create(UpdateSessionState, new ToolOptions { Effect = ToolEffect.Pure });

    [Description("Changes the state that is shared by all runs of this session. Members that are not named keep their values.")]
    private static string UpdateSessionState(
        [Description("The members to set, with their new values.")] JsonElement session_state_updates, RunContext context)
    {
        if (session_state_updates.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidRequestException("session_state_updates is not an object.");
        }

        context.State.Update(session_state_updates);
        return $"Updated session state: {context.State.Kept.GetRawText()}";
    }
}
