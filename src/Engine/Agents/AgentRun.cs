using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>What the parts of the loop share during one step.</summary>
/// <param name="Agent">The agent that runs.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="State">The run before the step.</param>
/// <param name="Stamp">Marks the events of the step.</param>
internal sealed record AgentRun(Agent Agent, RunRequest Request, RunState State, EventStamp Stamp)
{
    /// <summary>Gives what tools and computed prompts may know.</summary>
    public RunContext NewContext(SessionState state) => new()
    {
        RunId = Request.RunId,
        SessionId = Request.SessionId,
        AgentId = Request.AgentId,
        UserId = Request.UserId,
        State = state,
        Dependencies = State.Dependencies,
        Metadata = SessionState.Merge(Agent.Metadata ?? EngineJson.EmptyObject, Request.Metadata),
    };
}
