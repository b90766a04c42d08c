using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>Puts time, agent or team, run and session on events.</summary>
/// <param name="agent">The agent that runs; null when it no longer exists.</param>
/// <param name="request">The run.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class EventStamp(Agent? agent, RunRequest request, TimeProvider timeProvider)
{
    private const double TicksPerSecond = TimeSpan.TicksPerSecond;

    private readonly EventOrigin _origin = new()
    {
        AgentId = request.IsOfTeam ? null : request.AgentId,
        AgentName = request.IsOfTeam ? null : agent?.Name ?? string.Empty,
        TeamId = request.IsOfTeam ? request.AgentId : null,
        TeamName = request.IsOfTeam ? agent?.Name ?? string.Empty : null,
        RunId = request.RunId,
        ParentRunId = request.ParentRunId,
        SessionId = request.SessionId,
    };

    public long UnixSeconds => timeProvider.GetUtcNow().ToUnixTimeSeconds();

    public double UnixTime => (timeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TicksPerSecond;

    public DateTimeOffset UtcNow => timeProvider.GetUtcNow();

    public AgentEvent Mark(AgentEvent next) => next.Of(_origin, UnixSeconds);

    /// <summary>Marks what a tool told while it worked. What it heard of members is theirs.</summary>
    public RunEvent MarkTold(RunEvent told) => told switch
    {
        AgentEvent own when own.Heard is null => Mark(own),
        RecoveryEvent own => Mark(own),
        _ => told,
    };

    public RecoveryEvent Mark(RecoveryEvent next) => (RecoveryEvent)next.AtTime(UnixSeconds);
}
