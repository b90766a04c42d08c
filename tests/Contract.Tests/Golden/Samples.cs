using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tools;

namespace Cluster.Contract.Tests.Golden;

/// <summary>Records in which every member holds something, so that their JSON shows every member.</summary>
internal static class Samples
{
    public const long Time = 1_795_160_377;

    public static ToolCallMetrics CallMetrics { get; } = new(1_795_160_377.25, 1_795_160_377.5, 0.25);

    public static ImmutableArray<UserInputField> Fields { get; } = [new("to", "str", "Who gets it.", Json("\"a@example.com\"")), new("copies", "int", null, null)];

    public static ImmutableArray<UserFeedbackQuestion> Questions { get; } =
    [
        new() { Question = "Which?", Header = "Pick", Options = [new UserFeedbackOption("One", "The first.", Selected: true)], MultiSelect = true, SelectedOptions = ["One"] },
        new() { Question = "Why?" },
    ];

    public static ToolExecution Tool { get; } = new()
    {
        ToolCallId = "call_1",
        ToolName = "send_email",
        ToolArgs = Json("""{"subject":"Grüße, 世界 🌍","lines":["a","\"b\""]}"""),
        ToolCallError = true,
        Result = "first\nsecond",
        Metrics = CallMetrics,
        ChildRunId = "run-child",
        StopAfterToolCall = true,
        CreatedAt = Time,
        RequiresConfirmation = true,
        Confirmed = true,
        ConfirmationNote = "fine",
        RequiresUserInput = true,
        UserInputSchema = Fields,
        UserFeedbackSchema = Questions,
        Answered = true,
        ExternalExecutionRequired = true,
        ExternalExecutionSilent = true,
        ApprovalType = "required",
        ApprovalId = "approval-1",
    };

    public static RunRequirement Requirement { get; } = new()
    {
        Id = "8b8f5a2e-5c3a-4f0e-9d55-0b1d6a2f3c4d",
        CreatedAt = new DateTimeOffset(2026, 11, 20, 7, 39, 37, TimeSpan.Zero).AddTicks(2_000_010),
        MemberAgentId = "writer",
        MemberAgentName = "Writer",
        MemberRunId = "run-2",
        MemberPath = ["writer"],
        ToolExecution = Tool,
        Confirmation = true,
        ConfirmationNote = "fine",
        UserInputSchema = Fields,
        UserFeedbackSchema = Questions,
        ExternalExecutionResult = "done outside",
    };

    public static ApprovalRecord Approval { get; } = new()
    {
        Id = "approval-1",
        RunId = "run-1",
        SessionId = "session-1",
        Status = ApprovalStatus.Approved,
        ApprovalType = "required",
        PauseType = "confirmation",
        ToolName = "send_email",
        ToolArgs = Json("""{"subject":"Hi"}"""),
        ExpiresAt = Time + 3_600,
        AgentId = "writer",
        TeamId = "team-1",
        WorkflowId = "workflow-1",
        UserId = "user-1",
        ScheduleId = "schedule-1",
        ScheduleRunId = "schedule-run-1",
        SourceName = "Writer",
        Requirements = [Requirement],
        Context = Json("""{"tool_names":["send_email"],"source_name":"Writer"}"""),
        ResolutionData = Json("""{"values":{"to":"a@example.com"}}"""),
        ResolvedBy = "admin",
        ResolvedAt = Time + 60,
        CreatedAt = Time,
        UpdatedAt = Time + 60,
        RunStatus = RunStatus.Paused,
    };

    public static RunMetrics Metrics { get; } = new()
    {
        InputTokens = 10,
        OutputTokens = 5,
        TotalTokens = 15,
        CacheReadTokens = 4,
        CacheWriteTokens = 3,
        ReasoningTokens = 2,
        Cost = 0.0125m,
        TimeToFirstToken = 0.25,
        Duration = 1.5,
        Details = ImmutableSortedDictionary<string, ImmutableArray<ModelMetrics>>.Empty.Add("model", [Model]),
    };

    public static Media Media { get; } = new()
    {
        Id = "media-1",
        Url = "https://example.com/a.png",
        Filepath = "/tmp/a.png",
        Content = "aGk=",
        Format = "png",
        MimeType = "image/png",
        Filename = "a.png",
    };

    public static Message Message { get; } = new()
    {
        Id = "message-1",
        Content = "Hi <b>&</b> 'you' + \"me\" \u00a0 \u2028 é",
        ReasoningContent = "Because.",
        FromHistory = true,
        CompressedContent = "Hi.",
        StopAfterToolCall = true,
        Role = MessageRole.Assistant,
        ToolCallId = "call_1",
        ToolName = "send_email",
        ToolArgs = Json("""{"subject":"Hi"}"""),
        ToolCallError = true,
        ToolCalls = [new MessageToolCall("call_1", new MessageFunctionCall("send_email", """{"subject": "Hi"}"""))],
        ProviderData = Json("""{"signature":"c2ln"}"""),
        Images = [Media],
        Audio = [Media],
        Videos = [Media],
        Files = [Media],
        CheckpointStatus = "RUNNING",
        CheckpointCreatedAt = Time,
        Metrics = new MessageMetrics { InputTokens = 10, OutputTokens = 5, TotalTokens = 15, CacheReadTokens = 4, CacheWriteTokens = 3, ReasoningTokens = 2, Cost = 0.0125m, TimeToFirstToken = 0.25 },
        CreatedAt = Time,
    };

    public static RunInput Input { get; } = new() { InputContent = "Hi", Images = [Media], Videos = [Media], Audios = [Media], Files = [Media] };

    public static RunRequest Request { get; } = new()
    {
        RunId = "run-1",
        SessionId = "session-1",
        AgentId = "writer",
        Input = Input,
        UserId = "user-1",
        DefinitionVersion = 3,
        Background = "Ann was asked.",
        ComponentType = SessionType.Team,
        Teams = ["crew"],
        ParentRunId = "run-0",
        SessionState = Json("""{"visits":1}"""),
        Dependencies = Json("""{"d":"v"}"""),
        Metadata = Json("""{"m":true}"""),
        Overrides = new RunOverrides
        {
            AddHistoryToContext = true,
            AddDependenciesToContext = true,
            AddSessionStateToContext = true,
            OutputSchema = Json("""{"type":"object"}"""),
            ModelParameters = new ModelParameters { Temperature = 0.5f, TopP = 0.9f, MaxTokens = 100, Seed = 7, Stop = ["END"] },
        },
        Refusal = new InputRefusal("pii", "pii_detected", "No e-mail addresses.", Json("""{"detected_pii":["Email"]}""")),
        WhenBusy = WhenBusy.Interrupt,
        Record = new RecordSettings { Media = false, ToolMessages = false, HistoryMessages = true },
        IdempotencyKey = "key-1",
        Fork = new RunFork("run-0", [Message])
        {
            HistoryAt = 1,
            Before = 7,
            IsCut = true,
            Replaces = true,
            Tools = [Tool],
            Turn = new OpenTurn(
                [new ToolCallState(Message.ToolCalls!.Value[0]) { Execution = Tool, IsIntended = true, IsInDoubt = true, IsAnswered = true, Outcome = Message, IsReported = true }],
                [Requirement])
            {
                By = "ann",
                Followers = [Message],
            },
            Thoughts = [Message],
            ToolNames = [new ToolBinding("files__search", "files", "search")],
            Added = Message,
        },
        CopiedFrom = "session-0",
        Streamed = true,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    public static RunOutput Output { get; } = new()
    {
        RunId = "run-1",
        AgentId = "writer",
        AgentName = "Writer",
        TeamId = "crew",
        TeamName = "Crew",
        SessionId = "session-1",
        ParentRunId = "run-0",
        UserId = "user-1",
        Content = "Hello",
        ContentType = "str",
        ReasoningContent = "Because.",
        Model = "scripted-1",
        ModelProvider = "Scripted",
        Followups = ["And then?"],
        SessionState = Json("""{"visits":1}"""),
        CreatedAt = Time,
        Status = RunStatus.Completed,
        LastCheckpointAtMessageIndex = 2,
        ForkedFromRunId = "run-0",
        ForkedFromMessageIndex = 2,
        ForkedFromSessionId = "session-0",
        RegeneratedFrom = "run-0",
        Metrics = Metrics,
        Events = [new RunContinued { CreatedAt = Time, AgentId = "writer", AgentName = "Writer", RunId = "run-1", SessionId = "session-1" }],
        Messages = [Message],
        Metadata = Json("""{"m":true}"""),
        ReasoningMessages = [Message],
        ReasoningSteps = [StageEventSamples.Step],
        Images = [Media],
        Videos = [Media],
        Audio = [Media],
        Files = [Media],
        Tools = [Tool],
        Requirements = [Requirement],
        Input = Input,
        MemberResponses = [new RunOutput { RunId = "run-2" }],
        MemberCosts = Metrics,
        MemberRuns = ["run-2"],
    };

    public static SessionRecord Session { get; } = new()
    {
        SessionId = "session-1",
        SessionType = SessionType.Workflow,
        ComponentId = "writer",
        UserId = "user-1",
        SessionName = "A name",
        FirstInput = "Hi",
        SessionState = Json("""{"visits":1}"""),
        Metadata = Json("""{"m":true}"""),
        Metrics = Metrics,
        ComponentData = Json("""{"agent_id":"writer"}"""),
        CreatedAt = Time,
        UpdatedAt = Time + 1,
    };

    private static ModelMetrics Model => new()
    {
        Id = "scripted-1",
        Provider = "Scripted",
        InputTokens = 10,
        OutputTokens = 5,
        TotalTokens = 15,
        CacheReadTokens = 4,
        CacheWriteTokens = 3,
        ReasoningTokens = 2,
        Cost = 0.0125m,
    };

    public static JsonElement Json(string json) => JsonElement.Parse(json);
}
