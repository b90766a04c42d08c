using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cluster.Engine.Messages;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>What a run starts with that goes on from another one. It is all there is to know of the other run: nobody has to read that again.</summary>
/// <param name="RunId">The other run.</param>
/// <param name="Messages">The messages that were taken over, without those of earlier runs.</param>
public sealed record RunFork(string RunId, ImmutableArray<Message> Messages)
{
    /// <summary>Gets how many of the messages go before the history.</summary>
    public int HistoryAt { get; init; }

    /// <summary>Gets the place before which runs of the session were accepted that are history; null for the run's own.</summary>
    public long? Before { get; init; }

    /// <summary>Gets a value indicating whether the other run has more messages than were taken over.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsCut { get; init; }

    /// <summary>Gets what becomes of the other run because this one answers anew: true when it leaves the history, false when it stays; null when nothing is answered anew.</summary>
    public bool? Replaces { get; init; }

    /// <summary>Gets the tool calls of the messages; null when there are none.</summary>
    public ImmutableArray<ToolExecution>? Tools { get; init; }

    /// <summary>Gets the calls of the last message when they are not settled; null otherwise.</summary>
    public OpenTurn? Turn { get; init; }

    /// <summary>Gets those of the messages that were thoughts before an answer; null when there are none.</summary>
    public ImmutableArray<Message>? Thoughts { get; init; }

    /// <summary>Gets the names under which the other run's model has seen foreign tools; null for none.</summary>
    public ImmutableArray<ToolBinding>? ToolNames { get; init; }

    /// <summary>Gets what the user said next; null for nothing.</summary>
    public Message? Added { get; init; }
}

/// <summary>Tool calls that the other run was paused for, with the answers.</summary>
/// <param name="Calls">The calls. Those that were made have their outcome and are not made again.</param>
/// <param name="Requirements">What the human was asked.</param>
public sealed record OpenTurn(ImmutableArray<ToolCallState> Calls, ImmutableArray<RunRequirement> Requirements)
{
    /// <summary>Gets who answered; null when nobody is named.</summary>
    public string? By { get; init; }

    /// <summary>Gets messages that go behind the results of the calls; null for none.</summary>
    public ImmutableArray<Message>? Followers { get; init; }

    /// <summary>Gets what the calls made beside their results; null for nothing.</summary>
    public RunMedia? Media { get; init; }
}
