using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using static Cluster.Contract.Tests.Golden.Samples;

namespace Cluster.Contract.Tests.Golden;

/// <summary>The samples of <see cref="EventSamples"/> for the stages around the model calls.</summary>
internal static class StageEventSamples
{
    public static RunMedia Media { get; } = new()
    {
        Images = [new Media { Id = "media-1", Url = "https://example.com/a.png", MimeType = "image/png" }],
        Videos = [new Media { Id = "media-2", Url = "https://example.com/a.mp4", MimeType = "video/mp4" }],
        Audio = [new Media { Id = "media-3", Url = "https://example.com/a.mp3", MimeType = "audio/mpeg" }],
        Files = [new Media { Id = "media-4", Filename = "a.txt", MimeType = "text/plain", Content = "a" }],
    };

    public static ReasoningStepContent Step { get; } = new()
    {
        Title = "Look",
        Action = "I look",
        Result = "Found",
        Reasoning = "Because",
        NextAction = "final_answer",
        Confidence = 0.9,
    };

    public static ImmutableArray<AgentEvent> Public { get; } =
    [
        new PreHookStarted("check", Input),
        new PreHookCompleted("check", Input),
        new PostHookStarted("check"),
        new PostHookCompleted("check"),
        new ReasoningStarted(),
        new ReasoningStep(Step) { ReasoningContent = "Because" },
        new ReasoningContentDelta("Bec") { Elapsed = 0.5 },
        new ReasoningCompleted(new ReasoningStepsContent([Step])),
        new RunIntermediateContent { Content = "Hel", Elapsed = 0.5 },
        new ParserModelResponseStarted(),
        new ParserModelResponseCompleted(),
        new OutputModelResponseStarted(),
        new OutputModelResponseCompleted(),
        new CompressionStarted(),
        new CompressionCompleted(3, 3000, 300),
        new FollowupsStarted(),
        new FollowupsCompleted(["And then?"]),
        new CustomEvent { ToolCallId = "call_1", Members = { ["progress"] = Json("0.5") } },
    ];

    public static ImmutableArray<AgentEvent> Minimal { get; } =
    [
        new PreHookStarted(string.Empty, new RunInput { InputContent = string.Empty }),
        new PreHookCompleted(string.Empty, new RunInput { InputContent = string.Empty }),
        new PostHookStarted(string.Empty),
        new PostHookCompleted(string.Empty),
        new ReasoningStarted(),
        new ReasoningStep(new ReasoningStepContent()) { ReasoningContent = string.Empty },
        new ReasoningContentDelta(string.Empty),
        new ReasoningCompleted(new ReasoningStepsContent([])),
        new RunIntermediateContent(),
        new ParserModelResponseStarted(),
        new ParserModelResponseCompleted(),
        new OutputModelResponseStarted(),
        new OutputModelResponseCompleted(),
        new CompressionStarted(),
        new CompressionCompleted(0, 0, 0),
        new FollowupsStarted(),
        new FollowupsCompleted([]),
        new CustomEvent(),
    ];

    public static ImmutableArray<RunEvent> Recovery { get; } =
    [
        new StageResponded(ModelUse.Output, [new ContentPiece("Hel"), new ContentPiece("lo") { Kind = PieceKind.Intermediate }])
        {
            Content = new ContentValue(null, Json("""{"title":"Alien"}""")),
            ContentType = "Movie",
            Messages = [Samples.Message],
            Model = "scripted-1",
            ModelProvider = "Scripted",
            Cost = Samples.Message.Metrics,
            FirstPieceAt = 0.25,
            Elapsed = 0.5,
        },
        new InputChanged(Input),
        new AnswerChanged("Hello", "str"),
        new ModelFellBack("Too many requests", ModelErrorKind.RateLimit, 2),
        new ToolsNamed([new ToolBinding("files__search", "files", "search")]),
        new ToolResultCompressed("message-1", "short"),
        new ToolResultsCleared(["message-1"], 500),
        new ConversationCompacted("what was before", "message-2"),
        new CompactionFailed("out of order"),
    ];
}
