using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>Puts time, agent, run and session on events.</summary>
/// <param name="agent">The agent that runs; null when it no longer exists.</param>
/// <param name="request">The run.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class EventStamp(Agent? agent, RunRequest request, TimeProvider timeProvider)
{
    private const double TicksPerSecond = TimeSpan.TicksPerSecond;

    public long UnixSeconds => timeProvider.GetUtcNow().ToUnixTimeSeconds();

    public double UnixTime => (timeProvider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TicksPerSecond;

    public DateTimeOffset UtcNow => timeProvider.GetUtcNow();

    public AgentEvent Mark(AgentEvent next) => next with
    {
        CreatedAt = UnixSeconds,
        AgentId = request.AgentId,
        AgentName = agent?.Name ?? string.Empty,
        RunId = request.RunId,
        ParentRunId = request.ParentRunId,
        SessionId = request.SessionId,
    };

    public RecoveryEvent Mark(RecoveryEvent next) => next with { CreatedAt = UnixSeconds };
}
