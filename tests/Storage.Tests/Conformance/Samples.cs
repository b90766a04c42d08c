using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Approvals;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;
using Cluster.Engine.Teams.Tasks;
using Cluster.Engine.Tools;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>Builds what tests put into stores. Texts hold what breaks stores that are careless: emoji, combining marks, quotes, a NUL.</summary>
internal static class Samples
{
    public const string Text = "naïve “quotes” 🦊👩‍👩‍👧 e\u0301 \u0000 \u2028 \\ \" ' {0} $1 \r\n\t end";

    private static readonly JsonElement State = Json("""{"n":1.50,"text":"🦊 \u0000","list":[1,2,{"z":1,"a":2}]}""");
    private static readonly RunMetrics Metrics = RunMetrics.None.Add(new MessageMetrics { InputTokens = 3 }, "m", "OpenAI");
    private static readonly ToolExecution Tool = new()
    {
        ToolCallId = "c1",
        ToolName = "search",
        ToolArgs = Json("""{ "q" : "ö🦊" }"""),
        Result = Text,
        Metrics = new ToolCallMetrics(1.25, 2.5, 1.25),
        UserInputSchema = [new UserInputField("name", "str", null, Json("\"x\""))],
    };

    private static readonly RunRequirement OfMember = new()
    {
        Id = "q",
        CreatedAt = DateTimeOffset.UnixEpoch,
        MemberAgentId = "wörter",
        MemberAgentName = Text,
        MemberRunId = "member",
        ToolExecution = Tool with { ChildRunId = "child" },
    };

    private static readonly Message Message = new()
    {
        Id = "m1",
        Role = MessageRole.Assistant,
        Content = Text,
        ToolCalls = [new MessageToolCall("c1", new MessageFunctionCall("search", "{bad"))],
    };

    public static RunMetrics Costs(string model, long inputTokens) => RunMetrics.None.Add(new MessageMetrics { InputTokens = inputTokens }, model, "OpenAI");

    public static RunRequest Request(string runId, string sessionId = "s1") => new()
    {
        RunId = runId,
        SessionId = sessionId,
        AgentId = "writer",
        Input = new RunInput { InputContent = Text },
    };

    /// <summary>Asks for the run of a team, or of a team's member when another run starts it.</summary>
    public static RunRequest TeamRequest(string runId, string? parentRunId = null, string sessionId = "s1") => Request(runId, sessionId) with
    {
        AgentId = parentRunId is null ? "desk" : "sub-desk",
        ComponentType = SessionType.Team,
        Teams = parentRunId is null ? null : ["desk"],
        ParentRunId = parentRunId,
    };

    /// <summary>Asks for the run of an agent that is a member of a team.</summary>
    public static RunRequest MemberRequest(string runId, string parentRunId, string memberId = "reader", string sessionId = "s1") => Request(runId, sessionId) with
    {
        AgentId = memberId,
        Teams = ["desk"],
        ParentRunId = parentRunId,
        IdempotencyKey = $"{parentRunId}/c1/{runId}",
    };

    public static RunAcceptance Accept(string runId, string sessionId = "s1") => Accept(Request(runId, sessionId));

    public static RunAcceptance Accept(RunRequest request, long at = 1_000) => new(
        new RunAccepted(request) { CreatedAt = at },
        Output(request, RunStatus.Pending) with { CreatedAt = at },
        Session(request.SessionId, at) with
        {
            SessionType = request.ComponentType,
            ComponentId = request.AgentId,
            UserId = request.UserId,
            FirstInput = request.Input.InputContent.ToString(),
            ComponentData = Json("""{"agent_id":"writer","model":{"id":"m"}}"""),
        });

    public static RunOutput Output(RunRequest request, RunStatus status) => new()
    {
        RunId = request.RunId,
        SessionId = request.SessionId,
        AgentId = request.IsOfTeam ? null : request.AgentId,
        TeamId = request.IsOfTeam ? request.AgentId : null,
        TeamName = request.IsOfTeam ? Text : null,
        UserId = request.UserId,
        ParentRunId = request.ParentRunId,
        Status = status,
        Input = request.Input,
    };

    public static RunOutput Output(string runId, RunStatus status, string sessionId = "s1") => Output(Request(runId, sessionId), status);

    public static SessionRecord Session(string sessionId, long at = 1_000) => new() { SessionId = sessionId, CreatedAt = at, UpdatedAt = at };

    public static RunAppend Append(string runId, int position, params ReadOnlySpan<RunEvent> events) => new()
    {
        RunId = runId,
        Generation = 1,
        Position = position,
        Events = [.. events],
    };

    /// <summary>Has a team run with members of its own, one of which is a team and one still at work.</summary>
    public static async Task FillTeamAsync(IRunLog log)
    {
        RunRequest[] requests =
        [
            TeamRequest("team", sessionId: "team"), TeamRequest("sub", "team", "team"), MemberRequest("leaf", "sub", sessionId: "team"), MemberRequest("at-work", "team", sessionId: "team"),
        ];
        foreach (var (index, request) in requests.Index())
        {
            await log.AcceptAsync(Accept(request, at: 1_000 + index));
            await log.AppendAsync(Append(request.RunId, 1, EveryEvent(request).AsSpan()) with
            {
                Output = Output(request, request.RunId == "at-work" ? RunStatus.Running : RunStatus.Completed) with { MemberCosts = Metrics, Requirements = [OfMember] },
            });
        }
    }

    public static ApprovalRecord Approval(string id, string runId = "r1", long at = 1_000) => new()
    {
        Id = id,
        RunId = runId,
        SessionId = "s1",
        ApprovalType = "required",
        PauseType = "confirmation",
        ToolName = "search",
        ToolArgs = Tool.ToolArgs,
        AgentId = "writer",
        UserId = "ann",
        SourceName = Text,
        Requirements = [new RunRequirement { Id = "q", CreatedAt = DateTimeOffset.UnixEpoch, ToolExecution = Tool }],
        Context = State,
        CreatedAt = at,
        UpdatedAt = at,
    };

    public static RunEvent Event(string text) => new AttemptFailed(text, 1) { CreatedAt = 1_001 };

    public static JsonElement Json(string json) => JsonElement.Parse(json);

    public static string ToJson(RunEvent value) => JsonSerializer.Serialize(value, EngineJson.Context.RunEvent);

    public static IEnumerable<string> ToJson(IEnumerable<RunEvent> events) => events.Select(ToJson);

    public static string ToJson(RunOutput? value) => JsonSerializer.Serialize(value, EngineJson.Context.RunOutput!);

    public static string ToJson(ApprovalRecord? value) => JsonSerializer.Serialize(value, EngineJson.Context.ApprovalRecord!);

    public static string ToJson(RunMetrics? value) => JsonSerializer.Serialize(value, EngineJson.Context.RunMetrics!);

    public static string ToJson(SessionRecord? value) => JsonSerializer.Serialize(value, EngineJson.Context.SessionRecord!);

    /// <summary>One event of every type that logs keep, with every member set: those that strain stores, and the golden ones of all other types.</summary>
    public static ImmutableArray<RunEvent> EveryEvent(RunRequest request)
    {
        RunEvent[] hard = [.. PublicEvents(), .. RecoveryEvents(request)];
        var types = hard.Select(next => next.GetType()).ToHashSet();
        var events = hard.Concat(GoldenEvents().Where(next => next.Durability != EventDurability.Live && !types.Contains(next.GetType())));
        return [.. events.Select((next, index) => next with { CreatedAt = 1_700_000_000 + index, EventIndex = next.IsPublic ? index : null })];
    }

    private static IEnumerable<RunEvent> GoldenEvents() => Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "events"), "*.json")
        .Order(StringComparer.Ordinal).Select(path => JsonSerializer.Deserialize(File.ReadAllText(path), EngineJson.Context.RunEvent)!);

    private static RunEvent[] PublicEvents() =>
    [
        new RunStarted("m", "OpenAI"),
        new RunContinued(),
        new ModelRequestStarted("m", "OpenAI"),
        new ModelRequestCompleted { Model = "m", ModelProvider = "OpenAI", InputTokens = long.MaxValue, TimeToFirstToken = 0.1 },
        new ToolCallStarted(Tool),
        new ToolCallCompleted(Text, Tool),
        new ToolCallError(Text, Tool),
        new RunContentCompleted(),
        new TaskIterationStarted(1, 10) { TeamId = "desk" },
        new TaskIterationCompleted(1, 10, Text) { TeamId = "desk" },
        new TaskStateUpdated(Text, true, [new ToldTask("1", Text, "", TeamTaskStatus.Failed, "", ["0"], null)]) { TeamId = "desk", CompletionSummary = Text },
        new TaskCreated("1", Text, Text, "reader", TeamTaskStatus.Blocked, ["0"]) { TeamId = "desk" },
        new TaskUpdated("1", Text, TeamTaskStatus.Completed, TeamTaskStatus.Pending) { TeamId = "desk", Result = Text },
        new RunPaused(Text, [Tool], [new RunRequirement { Id = "q", CreatedAt = DateTimeOffset.UnixEpoch, ToolExecution = Tool }, OfMember]) { TeamId = "desk", TeamName = Text },
        new RunCancelled(new ContentValue(null, State), Text),
        new RunError(Text) { ErrorType = "model_provider_error", AdditionalData = State },
        new RunCompleted { Content = Text, Metadata = State, SessionState = State, Metrics = Metrics },
    ];

    private static RunEvent[] RecoveryEvents(RunRequest request) =>
    [
        new RunAccepted(request),
        new RunTakenOver(2) { Owner = "owner" },
        new PromptAssembled([Message], [], State) { StartedAt = 1_700_000_000.123456, Dependencies = State },
        new ModelResponded([new ContentPiece("🦊"), new ContentPiece(null, Text)], Message) { FirstPieceAt = 0.3, Elapsed = 1e-7 },
        new ToolCallSettled(Tool, Message, State),
        new CancelRequested(),
        new AnswersReceived([Tool]) { Approval = Approval("a1"), By = "ann", Members = [new MemberAnswers("member", [OfMember with { Confirmation = true }])] },
        new MembersEngaged("c1", [new EngagedMember("member", "wörter", Text), new EngagedMember("other", "reader", "")]),
        new MembersHeard([0, long.MaxValue - 1, 1, 0, 1, 0, int.MaxValue, 1]),
        new MemberSettled("member", RunStatus.Paused) { Costs = Metrics with { Cost = 0.00025m }, Requirements = [OfMember] },
        new RunRewound(2) { Added = Message },
        new InputAdded(Message),
        new ApprovalRecorded(Approval("a2")),
        new SessionStateRead(State),
        new AttemptFailed(Text, 3),
    ];
}
