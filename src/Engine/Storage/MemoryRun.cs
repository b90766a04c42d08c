using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Storage;

/// <summary>A run as <see cref="MemoryStore"/> keeps it.</summary>
/// <param name="sequence">Its place among all runs.</param>
/// <param name="first">What was accepted.</param>
/// <param name="output">What it amounts to.</param>
internal sealed class MemoryRun(long sequence, RunAccepted first, RunOutput output)
{
    public MemoryRun(long sequence, RunCopy copy)
        : this(sequence, (RunAccepted)copy.Events[0], copy.Output)
    {
        Events = [.. copy.Events];
        Generation = copy.Generation;
    }

    public long Sequence { get; } = sequence;

    public RunRequest Request { get; } = first.Request;

    public string SessionId => Request.SessionId;

    public List<RunEvent> Events { get; } = [first];

    public RunOutput Output { get; set; } = output;

    public long Generation { get; set; } = 1;

    public RunRecord ToRecord() => new(Sequence, Request.Streamed, Output);

    public RunLogRecord ToLog() => new(Generation, Sequence, [.. Events]);

    public bool Matches(RunQuery query) =>
        (query.Status is null || Output.Status == query.Status)
        && (query.Before is null || Sequence < query.Before)
        && (query.ComponentId is null || Request.AgentId == query.ComponentId)
        && (query.ParentRunId is null || Output.ParentRunId == query.ParentRunId)
        && (!query.TopLevelOnly || Output.ParentRunId is null)
        && (!query.MembersOnly || Output.ParentRunId is not null);
}
