using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Embedded;

/// <summary>
/// One change of the store, as much of it as the index needs. A journal holds what was asked for and replay applies the engine's rules anew,
/// so a new rule for admission, fencing or patches needs a new <see cref="Segment.Version"/>.
/// </summary>
internal abstract record Change;

/// <summary>A run is recorded.</summary>
/// <param name="Head">The run.</param>
/// <param name="Acceptance">What asks for it; null for a run that was accepted long ago and is recorded again by compaction.</param>
internal sealed record RunRecorded(RunHeader Head, RunAcceptance? Acceptance) : Change;

/// <summary>A run's log grows.</summary>
/// <param name="Head">What it grows by.</param>
/// <param name="Session">The change of its session; null for none.</param>
/// <param name="Approvals">The change of its approvals; null for none.</param>
internal sealed record RunExtended(RunExtension Head, SessionPatch? Session, ApprovalChanges? Approvals) : Change;

/// <summary>An approval is recorded again by compaction.</summary>
internal sealed record ApprovalPut(StoredApproval Approval) : Change;

/// <summary>Somebody decides about an approval.</summary>
internal sealed record ApprovalResolved(ApprovalDecision Head) : Change;

/// <summary>An approval goes.</summary>
internal sealed record ApprovalDeleted(ApprovalReference Head) : Change;

/// <summary>A session is created.</summary>
internal sealed record SessionCreated(SessionRecord Session) : Change;

/// <summary>A session changes.</summary>
internal sealed record SessionChanged(string SessionId, SessionPatch Patch) : Change;

/// <summary>Sessions go.</summary>
internal sealed record SessionsDeleted(SessionDeletion Head) : Change;

/// <summary>Sequences up to this one have been given away.</summary>
internal sealed record SequenceReached(SequenceMark Head) : Change;

/// <summary>The head of a <see cref="RecordKind.Run"/> frame.</summary>
internal sealed record RunHeader
{
    public required string RunId { get; init; }

    public required string SessionId { get; init; }

    public required string AgentId { get; init; }

    public string? UserId { get; init; }

    public string? IdempotencyKey { get; init; }

    public bool Streamed { get; init; }

    public bool HasParent { get; init; }

    public RunStatus Status { get; init; }

    public long Generation { get; init; } = 1;

    public int EventCount { get; init; } = 1;

    /// <summary>Gets the run's sequence; null for the next one, which depends on the order of commits and not on the caller.</summary>
    public long? Sequence { get; init; }
}

/// <summary>The head of a <see cref="RecordKind.Append"/> frame.</summary>
internal sealed record RunExtension
{
    public required string RunId { get; init; }

    public required long Generation { get; init; }

    public required int Position { get; init; }

    public int EventCount { get; init; }

    /// <summary>Gets the run's status from now on; null when its record stays.</summary>
    public RunStatus? Status { get; init; }

    public bool HasParent { get; init; }

    /// <summary>Gets the change of the run's approvals as the engine writes it; null for none.</summary>
    public JsonElement? Approvals { get; init; }

    /// <summary>Gives what the fence looks at.</summary>
    public RunAppend ToFence() => new() { RunId = RunId, Generation = Generation, Position = Position, Events = [] };
}

/// <summary>The head of a <see cref="RecordKind.SessionChanged"/> frame.</summary>
internal sealed record SessionReference(string SessionId);

/// <summary>The head of a <see cref="RecordKind.SessionsDeleted"/> frame.</summary>
internal sealed record SessionDeletion(ImmutableArray<string> SessionIds, string? UserId);

/// <summary>The head of a <see cref="RecordKind.ApprovalResolved"/> frame.</summary>
internal sealed record ApprovalDecision(string ApprovalId, ApprovalResolution Resolution);

/// <summary>The head of a <see cref="RecordKind.ApprovalDeleted"/> frame.</summary>
internal sealed record ApprovalReference(string ApprovalId);

/// <summary>The head of a <see cref="RecordKind.SequenceReached"/> frame.</summary>
internal sealed record SequenceMark(long Sequence);

/// <summary>The JSON metadata of frame heads.</summary>
[JsonSerializable(typeof(RunHeader))]
[JsonSerializable(typeof(RunExtension))]
[JsonSerializable(typeof(SessionReference))]
[JsonSerializable(typeof(SessionDeletion))]
[JsonSerializable(typeof(SequenceMark))]
[JsonSerializable(typeof(ApprovalDecision))]
[JsonSerializable(typeof(ApprovalReference))]
internal sealed partial class HeadJsonContext : JsonSerializerContext
{
    /// <summary>Gets the metadata under the engine's options.</summary>
    public static HeadJsonContext Engine { get; } = new(new System.Text.Json.JsonSerializerOptions(EngineJson.Options));
}
