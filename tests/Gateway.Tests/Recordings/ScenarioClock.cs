using Cluster.Contract.Tests.Replay;

namespace Cluster.Gateway.Tests.Recordings;

/// <summary>The clock of slow models that outlive a scenario: every scenario has a new one, in which no delay of an earlier scenario is left.</summary>
internal sealed class ScenarioClock : TimeProvider
{
    private volatile StepClock _current = new();

    public StepClock Begin() => _current = new StepClock();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _current.CreateTimer(callback, state, dueTime, period);
}
