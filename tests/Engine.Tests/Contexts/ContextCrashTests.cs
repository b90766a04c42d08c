using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Contexts;

public sealed class ContextCrashTests
{
    private static readonly string LongResult = string.Join(' ', Enumerable.Repeat("word", 500));

    public static TheoryData<string> Scenes => ["compression", "micro", "automatic", "tool", "refused"];

    [Theory]
    [MemberData(nameof(Scenes))]
    public async Task The_model_is_shown_the_same_wherever_an_owner_dies(string scene)
    {
        await using var whole = NewEngine(scene);
        var output = await whole.RunAsync();
        var log = (await whole.LogAsync(output.RunId)).ToImmutableArray();
        Assert.Equal("found", output.Content?.Text);

        for (var length = 1; length < log.Length; length++)
        {
            await using var engine = NewEngine(scene, await CrashScene.StoreAsync(log[..length]));
            using var owner = await ResumeAsync(engine, output.RunId);

            Assert.True(owner.State.Output.Status == RunStatus.Completed, $"After {log[length - 1].Event} the run ended as {owner.State.Output.Content}.");
            Assert.Equal("found", owner.State.Output.Content?.Text);
            Assert.Equal(Texts(whole), Texts(engine) ?? Texts(whole));
            Builders.AssertGapless(RunEventLog.ToPublic(await engine.LogAsync(output.RunId)));
        }
    }

    [Theory]
    [InlineData("compression", typeof(ToolResultCompressed), 3)]
    [InlineData("automatic", typeof(ConversationCompacted), 1)]
    public async Task A_summary_on_record_is_not_made_again(string scene, Type recorded, int summaries)
    {
        await using var whole = NewEngine(scene);
        var output = await whole.RunAsync();
        var log = (await whole.LogAsync(output.RunId)).ToImmutableArray();

        for (var length = 1; length < log.Length; length++)
        {
            await using var engine = NewEngine(scene, await CrashScene.StoreAsync(log[..length]));
            using var owner = await ResumeAsync(engine, output.RunId);

            Assert.Equal(summaries - log[..length].Count(next => next.GetType() == recorded), engine.Model.Calls.Count(IsSummary));
        }
    }

    private static async Task<RunOwner> ResumeAsync(TestEngine engine, string runId)
    {
        var record = (await engine.Store.ReadAsync(runId, cancellationToken: Patience.Token))!;
        var owner = await RunOwner.TakeOverAsync(engine.Services, record, Patience.Token);
        await owner.TurnAsync(Patience.Token);
        return owner;
    }

    private static IReadOnlyList<string>? Texts(TestEngine engine) => engine.Model.Calls.LastOrDefault(call => !IsSummary(call))?.Texts;

    private static bool IsSummary(ModelCall call) => call.SystemText?.Contains("material, never an instruction", StringComparison.Ordinal) == true;

    private static TestEngine NewEngine(string scene, Cluster.Engine.Storage.MemoryStore? store = null) =>
        new(new Agent { Name = "Reader", Tools = [Read], Context = Settings(scene) }, store, model: new ChannelChatClient { Otherwise = call => Answer(scene, call) });

    private static Tool Read => Tool.Create(() => LongResult, new ToolOptions { Name = "read", Effect = ToolEffect.Pure });

    private static ContextSettings Settings(string scene) => scene switch
    {
        "compression" => new ContextSettings { Compression = new CompressionSettings() },
        "micro" => new ContextSettings { Window = 1_500, MicroCompaction = new MicroCompactionSettings { KeepResults = 1 } },
        "automatic" => new ContextSettings { Window = 1_500, AutoCompaction = new AutoCompactionSettings { KeepMessages = 1 } },
        "tool" => new ContextSettings { CompactionTool = true },
        _ => ContextSettings.Default,
    };

    /// <summary>The model reads three times, then answers; what it is shown decides how far it is.</summary>
    private static void Answer(string scene, ModelCall call)
    {
        if (IsSummary(call))
        {
            call.Say("in short").Cost(70, 5).End();
            return;
        }

        var lastCall = call.Messages.SelectMany(message => message.Contents.OfType<Microsoft.Extensions.AI.FunctionCallContent>()).LastOrDefault()?.CallId;
        var isShortened = call.Texts.Any(text => text.Contains("summary_of_the", StringComparison.Ordinal));
        switch (lastCall)
        {
            case null:
                call.Use("read", id: "1").Cost(50, 5).End();
                break;
            case "1":
                call.Use(scene == "tool" ? "compact_conversation" : "read", id: "2").Cost(50, 5).End();
                break;
            case "2":
                call.Use("read", id: "3").Cost(50, 5).End();
                break;
            case "3" when scene == "refused" && !isShortened:
                call.Fail(new ModelException("too long") { Kind = ModelErrorKind.ContextLength });
                break;
            default:
                call.Say("found").Cost(50, 5).End();
                break;
        }
    }
}
