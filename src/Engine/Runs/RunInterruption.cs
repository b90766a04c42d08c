using System.Collections.Immutable;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Runs;

/// <summary>What of a run's state there only is once something came between: a pause, a failure, or what somebody added. Most runs share the one in which there is nothing.</summary>
internal sealed record RunInterruption
{
    /// <summary>Gets what a run has that nothing interrupted.</summary>
    public static RunInterruption None { get; } = new();

    public ImmutableArray<Message> Followers { get; init; } = [];

    public ImmutableHashSet<string> SpentCallIds { get; init; } = [];

    public Message? Added { get; init; }

    public RunMetrics? Charged { get; init; }

    public bool IsSessionStateStale { get; init; }

    public bool? ContinuedStreamed { get; init; }

    public string? AnsweredBy { get; init; }

    public long? ApprovedAfter { get; init; }

    public string? PauseText { get; init; }

    public int FailedAttempts { get; init; }
}
