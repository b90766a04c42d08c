using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Memory;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;
using Cluster.Engine.Teams.Tasks;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Json;

/// <summary>The one way in which engine records become JSON: in stores, in grain calls and in the API.</summary>
public static class EngineJson
{
    /// <summary>Gets what writes texts; every JSON in which engine records stand uses it, so that long texts need no buffers of a multiple of their size.</summary>
    public static JsonConverter<string> LongTexts { get; } = new LongTextConverter();

    /// <summary>Gets the options: snake_case, no nulls, text unescaped as far as JSON allows.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Gets the generated metadata under these options.</summary>
    public static EngineJsonContext Context { get; } = new(new JsonSerializerOptions(Options));

    /// <summary>Gets an empty JSON object.</summary>
    public static JsonElement EmptyObject { get; } = JsonElement.Parse("{}");

    /// <summary>Writes a text, or null.</summary>
    internal static void WriteText(Utf8JsonWriter writer, string? text)
    {
        if (text is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            LongTextConverter.Write(writer, text);
        }
    }

    private static JsonSerializerOptions Create() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = RelaxedJsonEncoder.Instance,
        Converters = { LongTexts, new WellFormedElementConverter(), new FiniteDoubleConverter() },
        TypeInfoResolver = EngineJsonContext.Default,

        // What callers send may be nested 64 deep; wrapped into requests, events and records it must still fit.
        MaxDepth = 256,
    };
}

/// <summary>The generated JSON metadata of the engine's records. Use it through <see cref="EngineJson.Context"/>, which has the right options.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunStarted))]
[JsonSerializable(typeof(RunContinued))]
[JsonSerializable(typeof(ModelRequestStarted))]
[JsonSerializable(typeof(RunContent))]
[JsonSerializable(typeof(ModelRequestCompleted))]
[JsonSerializable(typeof(ToolCallStarted))]
[JsonSerializable(typeof(ToolCallCompleted))]
[JsonSerializable(typeof(ToolCallError))]
[JsonSerializable(typeof(RunContentCompleted))]
[JsonSerializable(typeof(RunPaused))]
[JsonSerializable(typeof(RunCancelled))]
[JsonSerializable(typeof(RunError))]
[JsonSerializable(typeof(RunCompleted))]
[JsonSerializable(typeof(RunAccepted))]
[JsonSerializable(typeof(RunTakenOver))]
[JsonSerializable(typeof(HistoryLoaded))]
[JsonSerializable(typeof(PromptAssembled))]
[JsonSerializable(typeof(ModelResponded))]
[JsonSerializable(typeof(ToolCallSettled))]
[JsonSerializable(typeof(CancelRequested))]
[JsonSerializable(typeof(AnswersReceived))]
[JsonSerializable(typeof(ApprovalRecorded))]
[JsonSerializable(typeof(SessionStateRead))]
[JsonSerializable(typeof(AttemptFailed))]
[JsonSerializable(typeof(PreHookStarted))]
[JsonSerializable(typeof(PreHookCompleted))]
[JsonSerializable(typeof(PostHookStarted))]
[JsonSerializable(typeof(PostHookCompleted))]
[JsonSerializable(typeof(ReasoningStarted))]
[JsonSerializable(typeof(ReasoningStep))]
[JsonSerializable(typeof(ReasoningContentDelta))]
[JsonSerializable(typeof(ReasoningCompleted))]
[JsonSerializable(typeof(RunIntermediateContent))]
[JsonSerializable(typeof(ParserModelResponseStarted))]
[JsonSerializable(typeof(ParserModelResponseCompleted))]
[JsonSerializable(typeof(OutputModelResponseStarted))]
[JsonSerializable(typeof(OutputModelResponseCompleted))]
[JsonSerializable(typeof(CompressionStarted))]
[JsonSerializable(typeof(CompressionCompleted))]
[JsonSerializable(typeof(FollowupsStarted))]
[JsonSerializable(typeof(FollowupsCompleted))]
[JsonSerializable(typeof(CustomEvent))]
[JsonSerializable(typeof(StageResponded))]
[JsonSerializable(typeof(InputChanged))]
[JsonSerializable(typeof(AnswerChanged))]
[JsonSerializable(typeof(ModelFellBack))]
[JsonSerializable(typeof(ToolsNamed))]
[JsonSerializable(typeof(ToolResultCompressed))]
[JsonSerializable(typeof(ToolResultsCleared))]
[JsonSerializable(typeof(ConversationCompacted))]
[JsonSerializable(typeof(CompactionFailed))]
[JsonSerializable(typeof(TaskIterationStarted))]
[JsonSerializable(typeof(TaskIterationCompleted))]
[JsonSerializable(typeof(TaskStateUpdated))]
[JsonSerializable(typeof(TaskCreated))]
[JsonSerializable(typeof(TaskUpdated))]
[JsonSerializable(typeof(TaskList))]
[JsonSerializable(typeof(Dictionary<string, TaskList>))]
[JsonSerializable(typeof(MembersEngaged))]
[JsonSerializable(typeof(MembersHeard))]
[JsonSerializable(typeof(MemberSettled))]
[JsonSerializable(typeof(RunEvent))]
[JsonSerializable(typeof(RunEvent[]))]
[JsonSerializable(typeof(RunEventBatch))]
[JsonSerializable(typeof(RunOutput))]
[JsonSerializable(typeof(RunRewound))]
[JsonSerializable(typeof(InputAdded))]
[JsonSerializable(typeof(RunContinuation))]
[JsonSerializable(typeof(ContinuedRun))]
[JsonSerializable(typeof(RunRequest))]
[JsonSerializable(typeof(ModelParameters))]
[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(Message[]))]
[JsonSerializable(typeof(ToolExecution))]
[JsonSerializable(typeof(List<ToolExecution>))]
[JsonSerializable(typeof(RunRequirement))]
[JsonSerializable(typeof(List<RunRequirement>))]
[JsonSerializable(typeof(RunMetrics))]
[JsonSerializable(typeof(SessionRecord))]
[JsonSerializable(typeof(SessionPatch))]
[JsonSerializable(typeof(SessionForkRequest))]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(CheckpointSnapshot))]
[JsonSerializable(typeof(RunLogRecord))]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(RunSummary))]
[JsonSerializable(typeof(RunQuery))]
[JsonSerializable(typeof(SessionQuery))]
[JsonSerializable(typeof(SessionPage))]
[JsonSerializable(typeof(ApprovalRecord))]
[JsonSerializable(typeof(ApprovalChanges))]
[JsonSerializable(typeof(ApprovalResolution))]
[JsonSerializable(typeof(ResolvedApproval))]
[JsonSerializable(typeof(StoredApproval))]
[JsonSerializable(typeof(ApprovalQuery))]
[JsonSerializable(typeof(ApprovalPage))]
[JsonSerializable(typeof(UserMemory))]
[JsonSerializable(typeof(UserMemoryPatch))]
[JsonSerializable(typeof(AgentDescription))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[SuppressMessage("Maintainability", "CA1506:Avoid excessive class coupling", Justification = "It lists every record on purpose; its code is generated.")]
public sealed partial class EngineJsonContext : JsonSerializerContext;
