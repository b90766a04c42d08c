using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Json;

public sealed class RunEventJsonTests
{
    private static readonly ToolExecution Execution = new()
    {
        ToolCallId = "c1",
        ToolName = "t",
        ToolArgs = Builders.Json("""{"a":[1,null]}"""),
        Metrics = new ToolCallMetrics(1.5, 2.5, 1),
        UserInputSchema = [new UserInputField("to", "str", null, Builders.Json("\"x\""))],
    };

    private static readonly Message Message = new()
    {
        Id = "m",
        Role = MessageRole.Assistant,
        Content = "😀",
        ToolCalls = [new MessageToolCall("c1", new MessageFunctionCall("t", "{bad"))],
        Images = [new Media { Url = "u" }],
        Metrics = new MessageMetrics { InputTokens = 1, TimeToFirstToken = 0.5 },
    };

    private static readonly RunRequest Request = new()
    {
        RunId = "r",
        SessionId = "s",
        AgentId = "a",
        Input = new RunInput { InputContent = new ContentValue(null, Builders.Json("""{"q":1}""")), Files = [new Media { Content = "x" }] },
        WhenBusy = WhenBusy.Interrupt,
        Overrides = new RunOverrides { AddHistoryToContext = false },
        Streamed = true,
    };

    public static TheoryData<RunEvent> Events => [.. PublicEvents(), .. RecoveryEvents()];

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_is_read_back_as_it_was_written(RunEvent next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var json = Frames.Write(next);

        var read = Frames.Read(json);

        Assert.IsType(next.GetType(), read);
        Assert.Equal(json, Frames.Write(read));
        Assert.Equal(next.GetType().Name, JsonElement.Parse(json).GetProperty("event").GetString());
    }

    [Fact]
    public void Every_kind_of_event_has_its_json() =>
        Assert.Equal(
            typeof(RunEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(RunEvent)) && !type.IsAbstract).Select(type => type.Name).Order(),
            RunEventTypes.All.Select(type => type.Name).Order());

    [Fact]
    public void A_delta_has_the_members_of_the_contract_in_their_order()
    {
        var delta = new RunContent { CreatedAt = 1760000001, AgentId = "helper", AgentName = "Helper", RunId = "r1", SessionId = "s1", Content = "Hel", Elapsed = 3 };

        Assert.Equal(
            """{"created_at":1760000001,"event":"RunContent","agent_id":"helper","agent_name":"Helper","run_id":"r1","session_id":"s1","nested_depth":0,"content":"Hel","workflow_agent":false,"content_type":"str","reasoning_content":""}""",
            Frames.Write(delta));
    }

    [Theory]
    [InlineData("""{"event":"Unheard","created_at":1}""")]
    [InlineData("""{"created_at":1}""")]
    [InlineData("{}")]
    public void An_event_that_is_unknown_is_refused(string json) => Assert.Throws<JsonException>(() => Frames.Read(json));

    [Fact]
    public void The_name_of_an_event_is_found_behind_members_that_hold_objects() =>
        Assert.Equal(new RunTakenOver(3), Frames.Read("""{"other":{"event":"RunStarted"},"event":"RunTakenOver","generation":3}"""));

    private static RunEvent[] PublicEvents() =>
    [
        new RunStarted("m", "p") { CreatedAt = 1, AgentId = "a", AgentName = "", RunId = "r", ParentRunId = "p", SessionId = "s", EventIndex = 0 },
        new RunContinued(),
        new ModelRequestStarted("m", "p"),
        new RunContent { Content = "x", ReasoningContent = "y" },
        new ModelRequestCompleted { Model = "m", ModelProvider = "p", InputTokens = 1, TimeToFirstToken = 0.25 },
        new ToolCallStarted(Execution),
        new ToolCallCompleted("text", Execution),
        new ToolCallError("error", Execution),
        new RunContentCompleted(),
        new RunPaused("text", [Execution], [new RunRequirement { Id = "q", CreatedAt = DateTimeOffset.UnixEpoch, ToolExecution = Execution }]),
        new RunCancelled("text", "reason"),
        new RunError("text") { ErrorType = "t", ErrorId = "i", AdditionalData = Builders.Json("{}") },
        new RunCompleted { Content = new ContentValue(null, Builders.Json("""{"a":1}""")), ContentType = "Movie", SessionState = Builders.Json("{}"), Metrics = RunMetrics.None.Add(new MessageMetrics { InputTokens = 1 }, "m", "p") },
    ];

    private static RunEvent[] RecoveryEvents() =>
    [
        new RunAccepted(Request),
        new RunTakenOver(2) { Owner = "o" },
        new HistoryLoaded([Message]),
        new PromptAssembled([Message], [], Builders.Json("{}")) { StartedAt = 1.5, Dependencies = Builders.Json("""{"d":1}""") },
        new ModelResponded([new ContentPiece("t"), new ContentPiece(null, "r")], Message) { FirstPieceAt = 0.5, Elapsed = 1 },
        new ModelResponded([], null),
        new ToolCallSettled(Execution, Message, Builders.Json("{}")),
        new CancelRequested { CreatedAt = 5 },
        new AnswersReceived([Execution]),
        new SessionStateRead(Builders.Json("{}")),
        new AttemptFailed("error", 1),
    ];
}
