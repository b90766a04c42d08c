using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Runs;

/// <summary>How a run is to go on.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Tools">The tool calls of a paused run with the answers filled in; null or empty when nothing was decided, which rejects what needs confirmation.</param>
public sealed record RunContinuation(string RunId, ImmutableArray<ToolExecution>? Tools = null)
{
    /// <summary>
    /// Gets what a paused team waits for, with the answers filled in; null when nothing was decided. What is not among them, or not answered, is still waited
    /// for. In the run of an agent <see cref="Tools"/> count.
    /// </summary>
    public ImmutableArray<RunRequirement>? Requirements { get; init; }

    /// <summary>Gets up to where the run's messages are kept.</summary>
    public ContinuationPoint From { get; init; } = ContinuationPoint.End;

    /// <summary>Gets a value indicating whether a new run goes on in the run's place. A run that was completed is always gone on with by a new one.</summary>
    public bool Fork { get; init; }

    /// <summary>Gets a value indicating whether a new run answers anew what this one answered.</summary>
    public bool Regenerate { get; init; }

    /// <summary>Gets whether the regenerated run leaves the session's history; null for true. It may only be set with <see cref="Regenerate"/>.</summary>
    public bool? ReplaceOriginal { get; init; }

    /// <summary>Gets what the user says next; null for nothing.</summary>
    public string? Input { get; init; }

    /// <summary>Gets how the answer should be given, said as the user; null for nothing. It excludes <see cref="Input"/>.</summary>
    public string? AdditionalInstructions { get; init; }

    /// <summary>Gets the id that a new run will have, a UUID; null for any.</summary>
    public string? NewRunId { get; init; }

    /// <summary>Gets a value indicating whether the caller asks for the events of a new run.</summary>
    public bool Streamed { get; init; }

    /// <summary>Gets who answers; null when nobody is named.</summary>
    public string? By { get; init; }

    /// <summary>
    /// Gets a value indicating whether nobody wishes it but an approval that was decided about: then a run that does not wait any more is left as it is,
    /// and is neither gone on with by a new one nor tried again.
    /// </summary>
    public bool ByApproval { get; init; }

    /// <summary>
    /// Finds out whether there is nothing to record: an approval has let the run go on before its caller did, and the caller brings no answers of their own
    /// and wishes nothing else.
    /// </summary>
    /// <param name="state">The run.</param>
    /// <returns>The index of the last event before the run went on; null when the run is to be continued.</returns>
    public long? FindDone(RunState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var isPlain = Tools is not { IsEmpty: false } && Requirements is not { IsEmpty: false } && From == ContinuationPoint.End
            && this is { Fork: false, Regenerate: false, ReplaceOriginal: null, Input: null, AdditionalInstructions: null };
        return isPlain && state.Phase != RunPhase.Paused && state.Output.Status is not (RunStatus.Cancelled or RunStatus.Error) ? state.ApprovedAfter : null;
    }
}

/// <summary>Up to where the messages of a run are kept when it is gone on with.</summary>
/// <param name="MessageCount">So many messages are kept, or fewer, so that no tool call is left without its result; null for no number.</param>
/// <param name="AfterLastUser">True to keep everything up to the last message of the user.</param>
public sealed record ContinuationPoint(int? MessageCount = null, bool AfterLastUser = false)
{
    /// <summary>Gets the point that keeps everything.</summary>
    public static ContinuationPoint End { get; } = new();

    /// <summary>Gets the point behind the user's last message.</summary>
    public static ContinuationPoint LastUser { get; } = new(AfterLastUser: true);

    /// <summary>Gives the point behind so many messages.</summary>
    /// <param name="messageCount">How many messages are kept, counted from the system message and without those of earlier runs.</param>
    /// <returns>The point.</returns>
    public static ContinuationPoint At(int messageCount) => new(messageCount);
}

/// <summary>A run that goes on.</summary>
/// <param name="RunId">The run that was named, or the new one that goes on in its place.</param>
/// <param name="LastIndex">The index of the last event before it goes on: a reader from there sees only what is new. -1 for a new run.</param>
public sealed record ContinuedRun(string RunId, long LastIndex);

/// <summary>What has to be done so that a run goes on. Exactly one member is set.</summary>
public sealed record ContinuationPlan
{
    private ContinuationPlan()
    {
    }

    /// <summary>Gets what to record in the run itself; null when a new run goes on.</summary>
    public RecoveryEvent? Event { get; private init; }

    /// <summary>Gets the new run to start; null when the run goes on itself.</summary>
    public RunRequest? Fork { get; private init; }

    internal static ContinuationPlan InPlace(RecoveryEvent next) => new() { Event = next };

    internal static ContinuationPlan InNewRun(RunRequest fork) => new() { Fork = fork };
}
