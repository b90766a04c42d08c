using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Embedded;

/// <summary>Turns a session with its runs into one frame: a frame is whole or not there.</summary>
internal static class SessionCopyCodec
{
    public static (Change Change, EncodedFrame Frame) Encode(SessionCopy copy)
    {
        var events = copy.Runs.Select(run => JsonSerializer.SerializeToUtf8Bytes(run.Events, EngineJson.Context.ImmutableArrayRunEvent)).ToArray();
        var outputs = copy.Runs.Select(run => JsonSerializer.SerializeToUtf8Bytes(run.Output, EngineJson.Context.RunOutput)).ToArray();
        var head = new CopiedRuns([.. copy.Runs.Select((run, index) => new CopiedRun(HeaderOf(run), events[index].Length, outputs[index].Length))]);
        return (
            new SessionCopied(ChangeCodec.Detach(copy.Session), head),
            new FrameDraft(RecordKind.SessionCopied)
                .Head(head, HeadJsonContext.Engine.CopiedRuns)
                .Runs(events, outputs)
                .Session(copy.Session, EngineJson.Context.SessionRecord)
                .Finish());
    }

    private static RunHeader HeaderOf(RunCopy run) => new()
    {
        RunId = run.Output.RunId,
        SessionId = run.Request.SessionId,
        AgentId = run.Request.AgentId,
        UserId = run.Request.UserId,
        Streamed = run.Request.Streamed,
        ParentRunId = run.Request.ParentRunId,
        Status = run.Output.Status,
        Generation = run.Generation,
        EventCount = run.Events.Length,
    };
}
