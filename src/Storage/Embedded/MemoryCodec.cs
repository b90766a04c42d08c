using Cluster.Engine.Json;
using Cluster.Engine.Memory;

namespace Cluster.Storage.Embedded;

/// <summary>Turns changes of memories into frames and back.</summary>
internal static class MemoryCodec
{
    /// <summary>Encodes a memory that is new, or as compaction finds it.</summary>
    public static (Change Change, EncodedFrame Frame) Encode(UserMemory memory) => (
        new MemoryAdded(memory),
        new FrameDraft(RecordKind.MemoryAdded).Head(memory, EngineJson.Context.UserMemory).Finish());

    public static (Change Change, EncodedFrame Frame) Encode(MemoryChange change) => (
        new MemoryChanged(change),
        new FrameDraft(RecordKind.MemoryChanged).Head(change, HeadJsonContext.Engine.MemoryChange).Finish());

    public static (Change Change, EncodedFrame Frame) Encode(MemoryDeletion deletion) => (
        new MemoriesDeleted(deletion),
        new FrameDraft(RecordKind.MemoriesDeleted).Head(deletion, HeadJsonContext.Engine.MemoryDeletion).Finish());

    /// <summary>Decodes one of these frames.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="head">Its head.</param>
    public static Change Decode(RecordKind kind, ReadOnlySpan<byte> head) => kind switch
    {
        RecordKind.MemoryAdded => new MemoryAdded(ChangeCodec.Read(head, EngineJson.Context.UserMemory)),
        RecordKind.MemoryChanged => new MemoryChanged(ChangeCodec.Read(head, HeadJsonContext.Engine.MemoryChange)),
        _ => new MemoriesDeleted(ChangeCodec.Read(head, HeadJsonContext.Engine.MemoryDeletion)),
    };
}
