using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using static Cluster.Contract.Tests.Golden.Samples;

namespace Cluster.Contract.Tests.Golden;

/// <summary>One instance of every event type in which every member holds something, and the smallest ones of the public types.</summary>
internal static class EventSamples
{
    private const string Model = "scripted-1";
    private const string Provider = "Scripted";

    public static ImmutableArray<RunEvent> Filled { get; } =
    [
        .. PublicEvents().Select(Fill),
        .. TeamEventSamples.Public(PublicEvents()),
        new RunAccepted(Request) { Checkpoint = CheckpointMode.ToolBatch },
        new RunTakenOver(7) { Owner = "5f0c0a52-6a0b-4a37-9f0e-0d5b8f1f2f3a" },
        new HistoryLoaded([Samples.Message]),
        new PromptAssembled([Samples.Message], [Samples.Message], Json("""{"visits":1}""")) { StartedAt = 1_795_160_377.5, Dependencies = Json("""{"d":"v"}"""), Metadata = Json("""{"m":1}""") },
        new ModelResponded([new ContentPiece("Hel"), new ContentPiece(null, "Because")], Samples.Message) { FirstPieceAt = 0.25, Elapsed = 0.5 },
        new ToolCallSettled(Tool, Samples.Message, Json("""{"visits":2}"""))
        {
            Shown = [new ContentPiece(null) { Json = Json("""{"a":1}"""), ContentType = "Movie", Kind = PieceKind.Thinking }],
            Followers = [Samples.Message],
            Media = StageEventSamples.Media,
            IsAnswer = true,
            AnswerType = "Movie",
        },
        new CancelRequested(),
        new AnswersReceived([Tool]) { Added = Samples.Message, Approval = Samples.Approval, By = "ann", Streamed = true, Members = [new MemberAnswers("run-2", [Samples.Requirement])] },
        new RunRewound(2) { Added = Samples.Message, Streamed = true },
        new InputAdded(Samples.Message),
        new ApprovalRecorded(Samples.Approval),
        new SessionStateRead(Json("""{"visits":3}""")),
        new AttemptFailed("The provider is down", 2),
        .. StageEventSamples.Recovery,
        .. TeamEventSamples.Recovery,
    ];

    public static ImmutableArray<AgentEvent> Minimal { get; } =
    [
        new RunStarted(string.Empty, string.Empty),
        new RunContinued(),
        new ModelRequestStarted(string.Empty, string.Empty),
        new RunContent(),
        new ModelRequestCompleted { Model = string.Empty, ModelProvider = string.Empty },
        new ToolCallStarted(new()),
        new ToolCallCompleted(string.Empty, new()),
        new ToolCallError(string.Empty, new()),
        new RunContentCompleted(),
        new RunPaused(string.Empty, [], []),
        new RunCancelled(string.Empty, string.Empty),
        new RunError(string.Empty),
        new RunCompleted(),
        .. StageEventSamples.Minimal,
        .. TeamEventSamples.Minimal,
    ];

    private static ImmutableArray<AgentEvent> PublicEvents() =>
    [
        new RunStarted(Model, Provider),
        new RunContinued(),
        new ModelRequestStarted(Model, Provider),
        new RunContent { Content = "Hel", WorkflowAgent = true, ContentType = "str", ReasoningContent = "Because", Elapsed = 0.5 },
        new ModelRequestCompleted
        {
            Model = Model,
            ModelProvider = Provider,
            InputTokens = 10,
            OutputTokens = 5,
            TotalTokens = 15,
            TimeToFirstToken = 0.25,
            ReasoningTokens = 2,
            CacheReadTokens = 4,
            CacheWriteTokens = 3,
        },
        new ToolCallStarted(Tool),
        new ToolCallCompleted("send_email(subject=Hi) completed in 0.2500s. ", Tool),
        new ToolCallError("It failed", Tool),
        new RunContentCompleted(),
        new RunPaused("I have tools to execute, but I need confirmation.", [Tool], [Requirement]),
        new RunCancelled("Hel", "Run run-1 was cancelled"),
        new RunError("Not allowed") { ErrorType = "input_check_error", ErrorId = "pii_detected", AdditionalData = Json("""{"detected_pii":["Email"]}""") },
        new RunCompleted
        {
            Content = new ContentValue(null, Json("""{"title":"Alien","year":1979}""")),
            ContentType = "Movie",
            Images = StageEventSamples.Media.Images,
            Videos = StageEventSamples.Media.Videos,
            Audio = StageEventSamples.Media.Audio,
            Files = StageEventSamples.Media.Files,
            ReasoningSteps = [StageEventSamples.Step],
            ReasoningMessages = [Samples.Message],
            ReasoningContent = "Because",
            Metadata = Json("""{"m":true}"""),
            SessionState = Json("""{"visits":1}"""),
            Metrics = Metrics,
        },
        .. StageEventSamples.Public,
    ];

    private static RunEvent Fill(AgentEvent next, int index) => next with
    {
        CreatedAt = Time,
        AgentId = "writer",
        AgentName = "Writer",
        RunId = "run-1",
        ParentRunId = "run-0",
        SessionId = "session-1",
        NestedDepth = 1,
        EventIndex = index,
    };
}
