using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Memory;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Limits;

/// <summary>Measures what callers send. Fields are named as they are on the wire.</summary>
public static class FieldChecks
{
    private const string Bytes = "bytes";
    private const string Characters = "characters";

    /// <summary>Refuses a request with a field that is too large.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="TooLargeException">A field is too large.</exception>
    public static void Demand(this FieldLimits limits, RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(request);
        var input = request.Input;
        Check("message", SizeOf(input.InputContent, limits.MessageBytes), limits.MessageBytes, nameof(FieldLimits.MessageBytes));
        Check("session_state", SizeOf(request.SessionState), limits.StateBytes, nameof(FieldLimits.StateBytes));
        Check("dependencies", SizeOf(request.Dependencies), limits.DependenciesBytes, nameof(FieldLimits.DependenciesBytes));
        Check("metadata", SizeOf(request.Metadata), limits.MetadataBytes, nameof(FieldLimits.MetadataBytes));
        Check("output_schema", SizeOf(request.Overrides.OutputSchema), limits.SettingsBytes, nameof(FieldLimits.SettingsBytes));
        Check("model_parameters", SizeOf(request.Overrides.ModelParameters?.Stop), limits.SettingsBytes, nameof(FieldLimits.SettingsBytes));
        Check(limits, [("images", input.Images), ("videos", input.Videos), ("audio", input.Audios), ("files", input.Files)]);
    }

    /// <summary>Refuses a wish to go on with a field that is too large.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="continuation">The wish.</param>
    /// <exception cref="TooLargeException">A field is too large.</exception>
    public static void Demand(this FieldLimits limits, RunContinuation continuation)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(continuation);
        CheckId("user_id", continuation.By);
        Check("input", SizeOf(continuation.Input, limits.MessageBytes), limits.MessageBytes, nameof(FieldLimits.MessageBytes));
        Check("additional_instructions", SizeOf(continuation.AdditionalInstructions, limits.MessageBytes), limits.MessageBytes, nameof(FieldLimits.MessageBytes));
        if (continuation.Tools is { IsDefaultOrEmpty: false } tools)
        {
            Check("tools", SizeOf([.. tools], EngineJson.Context.ListToolExecution), limits.AnswerBytes, nameof(FieldLimits.AnswerBytes));
        }

        if (continuation.Requirements is { IsDefaultOrEmpty: false } requirements)
        {
            Check("requirements", SizeOf([.. requirements], EngineJson.Context.ListRunRequirement), limits.AnswerBytes, nameof(FieldLimits.AnswerBytes));
        }
    }

    /// <summary>Refuses a new session with a field that is too large.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="session">The session.</param>
    /// <exception cref="TooLargeException">A field is too large.</exception>
    public static void Demand(this FieldLimits limits, SessionRecord session)
    {
        ArgumentNullException.ThrowIfNull(session);
        limits.Demand(new SessionPatch { SessionName = session.SessionName, SessionState = session.SessionState, Metadata = session.Metadata, UpdatedAt = session.UpdatedAt });
    }

    /// <summary>Refuses a change of a session with a field that is too large.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="patch">The change.</param>
    /// <exception cref="TooLargeException">A field is too large.</exception>
    public static void Demand(this FieldLimits limits, SessionPatch patch)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(patch);
        Check("session_name", SizeOf(patch.SessionName, limits.NameBytes), limits.NameBytes, nameof(FieldLimits.NameBytes));
        Check("session_state", SizeOf(patch.SessionState), limits.StateBytes, nameof(FieldLimits.StateBytes));
        Check("metadata", SizeOf(patch.Metadata), limits.MetadataBytes, nameof(FieldLimits.MetadataBytes));
    }

    /// <summary>Refuses a decision with a field that is too large.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="resolution">The decision.</param>
    /// <exception cref="TooLargeException">A field is too large.</exception>
    public static void Demand(this FieldLimits limits, ApprovalResolution resolution)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(resolution);
        CheckId("resolved_by", resolution.ResolvedBy);
        Check("resolution_data", SizeOf(resolution.Data), limits.AnswerBytes, nameof(FieldLimits.AnswerBytes));
    }

    /// <summary>Refuses a memory with a field that is too large, or an id that not every store can hold. Every store asks for it.</summary>
    /// <param name="memory">The memory.</param>
    /// <exception cref="TooLargeException">A field is too large.</exception>
    /// <exception cref="InvalidRequestException">An id does not fit.</exception>
    public static void Demand(UserMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Ids.Demand(memory.MemoryId, "memory id");
        Ids.Demand(memory.UserId, "user id");
        Ids.Demand(memory.AgentId, "agent id");
        Ids.Demand(memory.TeamId, "team id");
        Check("input", memory.Input?.Length ?? 0, FieldLimits.MemoryLength, null, Characters);
        Demand(new UserMemoryPatch { Memory = memory.Memory, Topics = memory.Topics, Feedback = memory.Feedback, UpdatedAt = memory.UpdatedAt });
    }

    /// <summary>Refuses a change of a memory with a field that is too large. Every store asks for it.</summary>
    /// <param name="patch">The change.</param>
    /// <exception cref="TooLargeException">A field is too large.</exception>
    public static void Demand(UserMemoryPatch patch)
    {
        ArgumentNullException.ThrowIfNull(patch);
        Check("memory", patch.Memory?.Length ?? 0, FieldLimits.MemoryLength, null, Characters);
        Check("feedback", patch.Feedback?.Length ?? 0, FieldLimits.MemoryLength, null, Characters);
        var topics = patch.Topics is { IsDefault: false } some ? some : [];
        Check("topics", topics.Length, FieldLimits.MemoryTopics, null, "entries");
        Check("topics", topics.Select(topic => topic?.Length ?? 0).DefaultIfEmpty().Max(), FieldLimits.TopicLength, null, Characters);
    }

    /// <summary>Gives the beginning of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxBytes">How long it may be.</param>
    /// <returns>The text itself when it is no longer.</returns>
    internal static string Beginning(string text, int maxBytes)
    {
        if (SizeOf(text, maxBytes) <= maxBytes)
        {
            return text;
        }

        var length = 0;
        var bytes = 0;
        foreach (var letter in text.EnumerateRunes())
        {
            bytes += letter.Utf8SequenceLength;
            if (bytes > maxBytes)
            {
                break;
            }

            length += letter.Utf16SequenceLength;
        }

        return text[..length];
    }

    /// <summary>Tells how large JSON is.</summary>
    /// <param name="json">The JSON; null for none.</param>
    /// <returns>Its bytes.</returns>
    internal static long SizeOf(JsonElement? json) => json is { ValueKind: not JsonValueKind.Undefined } value ? JsonMarshal.GetRawUtf8Value(value).Length : 0;

    /// <summary>A text that cannot be too long is not measured.</summary>
    private static long SizeOf(string? text, int limit) => text is null || text.Length <= limit / 3 ? 0 : Encoding.UTF8.GetByteCount(text);

    private static long SizeOf(ContentValue content, int limit) => SizeOf(content.Text, limit) + SizeOf(content.Json);

    private static long SizeOf(ImmutableArray<string>? texts) => texts is { IsDefault: false } some ? some.Sum(text => (long)Encoding.UTF8.GetByteCount(text ?? string.Empty) + 3) : 0;

    private static long SizeOf<T>(T value, JsonTypeInfo<T> type)
    {
        var counted = new CountedBytes();
        using var json = new Utf8JsonWriter(counted, new JsonWriterOptions { Encoder = EngineJson.Options.Encoder, SkipValidation = true });
        JsonSerializer.Serialize(json, value, type);
        json.Flush();
        return counted.Count;
    }

    private static void Check(FieldLimits limits, IEnumerable<(string Field, ImmutableArray<Media>? Media)> all)
    {
        var (count, size) = (0, 0L);
        foreach (var (field, media) in all)
        {
            foreach (var one in media is { IsDefault: false } some ? some : [])
            {
                CheckId(field, one.Id);
                CheckId(field, one.MimeType);
                CheckId(field, one.Format);
                Check(field, SizeOf(one.Filename, limits.NameBytes), limits.NameBytes, nameof(FieldLimits.NameBytes));
                size += (one.Content?.Length ?? 0L) + (one.Url?.Length ?? 0L);
                count++;
            }

            Check(field, count, limits.MediaCount, nameof(FieldLimits.MediaCount), "entries");
            Check(field, size, limits.MediaBytes, nameof(FieldLimits.MediaBytes));
        }
    }

    private static void CheckId(string field, string? id) => Check(field, SizeOf(id, FieldLimits.IdBytes), FieldLimits.IdBytes, null);

    private static void Check(string field, long size, long limit, string? option, string unit = Bytes)
    {
        if (size > limit)
        {
            throw new TooLargeException(field, size, limit, option is null ? null : $"{FieldLimits.SectionName}:{option}", unit);
        }
    }
}
