using System.Text;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Telemetry;

namespace Cluster.Engine.Teams;

/// <summary>Makes the requests for the runs of members. Whoever makes them again for the same call, in whatever process, asks for the same runs.</summary>
internal static class MemberRequests
{
    /// <summary>Names the run of a member: a UUID that follows from the call.</summary>
    public static string RunIdOf(string runId, string callId, MemberTask task) => RunIdOf(KeyOf(runId, callId, task));

    /// <summary>Names the run of a member by its idempotency key.</summary>
    public static string RunIdOf(string key) => DerivedId.Of(Encoding.UTF8.GetBytes(key));

    /// <summary>Makes the request.</summary>
    /// <param name="run">The team's run.</param>
    /// <param name="callId">The leader's call.</param>
    /// <param name="task">What the member has to do.</param>
    /// <param name="briefing">What it is told beside its task.</param>
    public static RunRequest Of(AgentRun run, string callId, MemberTask task, Briefing briefing) => new()
    {
        RunId = RunIdOf(run.Request.RunId, callId, task),
        SessionId = run.Request.SessionId,
        AgentId = task.Member.AgentId,
        ComponentType = task.Member is Team ? SessionType.Team : SessionType.Agent,
        Teams = [.. run.Request.Teams ?? [], run.Agent.AgentId],
        Input = run.Team!.Delegation.DetermineInput ? run.Input with { InputContent = task.Text } : run.Input,
        UserId = run.Request.UserId,
        Tenant = run.Request.Tenant,
        ParentRunId = run.Request.RunId,
        Background = briefing.Background,
        SessionState = briefing.SessionState,
        Dependencies = run.State.Dependencies,
        Metadata = run.State.Output.Metadata,
        IdempotencyKey = KeyOf(run.Request.RunId, callId, task),
        Streamed = run.State.IsStreamed,
        TraceParent = TraceParent.Current ?? run.Request.TraceParent,
    };

    private static string KeyOf(string runId, string callId, MemberTask task) => $"{runId}/{callId}/{task.Key}";
}
