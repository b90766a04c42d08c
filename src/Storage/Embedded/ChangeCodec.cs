using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Embedded;

/// <summary>Turns changes into frames and back.</summary>
internal static class ChangeCodec
{
    /// <summary>Values that callers nest as deep as the API lets them stand a few levels deeper here.</summary>
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 1_000 };

    private static HeadJsonContext Heads => HeadJsonContext.Engine;

    public static (Change Change, EncodedFrame Frame) Encode(RunAcceptance acceptance)
    {
        var request = acceptance.Event.Request;
        var head = new RunHeader
        {
            RunId = request.RunId,
            SessionId = request.SessionId,
            AgentId = request.AgentId,
            UserId = request.UserId,
            IdempotencyKey = request.IdempotencyKey,
            Streamed = request.Streamed,
            ParentRunId = request.ParentRunId,
            Status = acceptance.Output.Status,
        };
        var frame = new FrameDraft(RecordKind.Run).Head(head, Heads.RunHeader).Events([acceptance.Event]).Output(acceptance.Output);
        return (
            new RunRecorded(head, acceptance with { Session = Detach(acceptance.Session) }),
            frame.Session(request.ParentRunId is null ? acceptance.Session : null, EngineJson.Context.SessionRecord).Finish());
    }

    public static (Change Change, EncodedFrame Frame) Encode(RunAppend append)
    {
        var head = new RunExtension
        {
            RunId = append.RunId,
            Generation = append.Generation,
            Position = append.Position,
            EventCount = append.Events.Length,
            Status = append.Output?.Status,
            Regenerated = append.Regenerated,
            Approvals = append.Approvals.IsEmpty ? null : JsonSerializer.SerializeToElement(append.Approvals, EngineJson.Context.ApprovalChanges),
        };
        var frame = new FrameDraft(RecordKind.Append).Head(head, Heads.RunExtension).Events(append.Events).Output(append.Output);
        return (new RunExtended(head, Detach(append.Session), ReadApprovals(head)), frame.Session(append.Session, EngineJson.Context.SessionPatch).Finish());
    }

    public static (Change Change, EncodedFrame Frame) Encode(SessionRecord session) => (
        new SessionCreated(Detach(session)),
        new FrameDraft(RecordKind.SessionCreated).Session(session, EngineJson.Context.SessionRecord).Finish());

    public static (Change Change, EncodedFrame Frame) Encode(string sessionId, SessionPatch patch) => (
        new SessionChanged(sessionId, Detach(patch)!),
        new FrameDraft(RecordKind.SessionChanged)
            .Head(new SessionReference(sessionId), Heads.SessionReference)
            .Session(patch, EngineJson.Context.SessionPatch)
            .Finish());

    public static (Change Change, EncodedFrame Frame) Encode(SessionDeletion deletion) => (
        new SessionsDeleted(deletion),
        new FrameDraft(RecordKind.SessionsDeleted).Head(deletion, Heads.SessionDeletion).Finish());

    public static EncodedFrame Encode(SequenceMark mark) =>
        new FrameDraft(RecordKind.SequenceReached).Head(mark, Heads.SequenceMark).Finish();

    public static (Change Change, EncodedFrame Frame) Encode(ApprovalDecision decision)
    {
        var detached = decision with { Resolution = decision.Resolution with { Data = decision.Resolution.Data?.Clone() } };
        return (new ApprovalResolved(detached), new FrameDraft(RecordKind.ApprovalResolved).Head(decision, Heads.ApprovalDecision).Finish());
    }

    public static (Change Change, EncodedFrame Frame) Encode(ApprovalReference reference) => (
        new ApprovalDeleted(reference),
        new FrameDraft(RecordKind.ApprovalDeleted).Head(reference, Heads.ApprovalReference).Finish());

    /// <summary>Encodes an approval as compaction finds it.</summary>
    public static EncodedFrame Encode(StoredApproval approval) => new FrameDraft(RecordKind.Approval).Head(approval, EngineJson.Context.StoredApproval).Finish();

    /// <summary>Encodes a run as compaction finds it.</summary>
    public static EncodedFrame Encode(RunHeader head, IReadOnlyList<byte[]> events, byte[] output) =>
        new FrameDraft(RecordKind.Run).Head(head, Heads.RunHeader).Events(events).Output(output).Finish();

    /// <summary>Decodes what the index needs of a frame.</summary>
    /// <exception cref="InvalidDataException">No version of this software writes such a frame.</exception>
    public static Change Decode(ReadOnlySpan<byte> frame)
    {
        var layout = Frame.ReadLayout(frame);
        var head = frame.Slice(Frame.PrefixSize, layout.Head);
        var session = frame[(Frame.PrefixSize + layout.Head + layout.Events + layout.Output)..];
        return Frame.ReadKind(frame) switch
        {
            RecordKind.Run => DecodeRun(Read(head, Heads.RunHeader), session),
            RecordKind.Append => DecodeAppend(Read(head, Heads.RunExtension), session),
            RecordKind.SessionCreated => new SessionCreated(Read(session, EngineJson.Context.SessionRecord)),
            RecordKind.SessionCopied => new SessionCopied(Read(session, EngineJson.Context.SessionRecord), Read(head, Heads.CopiedRuns)),
            RecordKind.SessionChanged => new SessionChanged(Read(head, Heads.SessionReference).SessionId, Read(session, EngineJson.Context.SessionPatch)),
            RecordKind.SessionsDeleted => new SessionsDeleted(Read(head, Heads.SessionDeletion)),
            RecordKind.SequenceReached => new SequenceReached(Read(head, Heads.SequenceMark)),
            RecordKind.Approval => new ApprovalPut(Read(head, EngineJson.Context.StoredApproval)),
            RecordKind.ApprovalResolved => new ApprovalResolved(Read(head, Heads.ApprovalDecision)),
            RecordKind.ApprovalDeleted => new ApprovalDeleted(Read(head, Heads.ApprovalReference)),
            RecordKind.MemoryAdded or RecordKind.MemoryChanged or RecordKind.MemoriesDeleted => MemoryCodec.Decode(Frame.ReadKind(frame), head),
            var unknown => throw new InvalidDataException($"it holds a record of the unknown kind {(byte)unknown}"),
        };
    }

    public static RunOutput ReadOutput(ReadOnlySpan<byte> json) => Read(json, EngineJson.Context.RunOutput);

    public static void ReadEvents(ReadOnlySpan<byte> json, ImmutableArray<RunEvent>.Builder events)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            events.Add(JsonSerializer.Deserialize(ref reader, EngineJson.Context.RunEvent)!);
        }
    }

    private static RunRecorded DecodeRun(RunHeader head, ReadOnlySpan<byte> session)
    {
        if (session.IsEmpty)
        {
            return new RunRecorded(head, Acceptance: null);
        }

        // Admission looks at the session only; the rest stays on disk.
        var request = new RunRequest
        {
            RunId = head.RunId,
            SessionId = head.SessionId,
            AgentId = head.AgentId,
            Input = new RunInput { InputContent = string.Empty },
        };
        return new RunRecorded(
            head,
            new RunAcceptance(new RunAccepted(request), new RunOutput { RunId = head.RunId }, Read(session, EngineJson.Context.SessionRecord)));
    }

    private static RunExtended DecodeAppend(RunExtension head, ReadOnlySpan<byte> session) =>
        new(head, session.IsEmpty ? null : Read(session, EngineJson.Context.SessionPatch), ReadApprovals(head));

    /// <summary>Approvals stay in memory: they are read from the JSON that is written, which nobody else holds.</summary>
    private static ApprovalChanges? ReadApprovals(RunExtension head) => head.Approvals?.Deserialize(EngineJson.Context.ApprovalChanges);

    internal static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        var reader = new Utf8JsonReader(json, ReaderOptions);
        return JsonSerializer.Deserialize(ref reader, type) ?? throw new InvalidDataException("it holds an empty section");
    }

    // Sessions stay in memory; callers may give their JSON documents back to a pool.
    internal static SessionRecord Detach(SessionRecord session) => session with
    {
        SessionState = session.SessionState?.Clone(),
        Metadata = session.Metadata?.Clone(),
        ComponentData = session.ComponentData?.Clone(),
    };

    private static SessionPatch? Detach(SessionPatch? patch) =>
        patch is null ? null : patch with { SessionState = patch.SessionState?.Clone(), Metadata = patch.Metadata?.Clone() };
}
