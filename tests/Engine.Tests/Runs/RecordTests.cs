using Cluster.Engine.Agents;
using Cluster.Engine.Hooks;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class RecordTests
{
    private static readonly Media Picture = new() { Url = "https://example.org/cat.png", MimeType = "image/png" };

    [Fact]
    public async Task By_default_all_but_the_history_is_stored()
    {
        var record = await SecondRecordAsync(RecordSettings.Default);

        Assert.Equal(["user", "assistant", "tool", "assistant"], record.Messages!.Value.Select(message => message.Role));
        Assert.Equal(Picture, Assert.Single(record.Messages!.Value[0].Images!.Value));
        Assert.Equal(Picture, Assert.Single(record.Images!.Value));
    }

    [Fact]
    public async Task The_history_is_stored_when_the_agent_says_so()
    {
        var record = await SecondRecordAsync(new RecordSettings { HistoryMessages = true });

        Assert.Equal([true, true, true, true, false, false, false, false], record.Messages!.Value.Select(message => message.FromHistory));
    }

    [Fact]
    public async Task Tool_messages_are_left_out_when_the_agent_says_so()
    {
        var record = await SecondRecordAsync(new RecordSettings { ToolMessages = false });

        Assert.Equal([("user", "hi"), ("assistant", "I look."), ("assistant", "done")], record.Messages!.Value.Select(message => (message.Role, message.Content)));
        Assert.All(record.Messages!.Value, message => Assert.Null(message.ToolCalls));
        Assert.Single(record.Tools!.Value);
    }

    [Fact]
    public async Task Media_are_left_out_when_the_agent_says_so_and_the_model_has_them_all_the_same()
    {
        await using var engine = NewEngine(new RecordSettings { Media = false });

        var record = await RecordAsync(engine);

        Assert.Contains("<UriContent>", engine.Model.Calls[0].Texts[^1], StringComparison.Ordinal);
        Assert.Null(record.Images);
        Assert.Null(record.Input!.Images);
        Assert.All(record.Messages!.Value, message => Assert.Null(message.Images));
    }

    [Fact]
    public async Task Later_readers_are_not_shown_media_that_are_not_stored_and_a_successor_has_them()
    {
        await using var engine = NewEngine(new RecordSettings { Media = false }, hook: new PreHook("seen", (input, _, _) => ValueTask.FromResult(input)));
        var record = await RecordAsync(engine);

        var log = await engine.LogAsync(record.RunId);

        Assert.DoesNotContain("cat.png", string.Concat(RunEventLog.ToPublic(log).Select(Json.Frames.Write)), StringComparison.Ordinal);
        var state = RunState.From(log);
        Assert.Equal([Picture, Picture], [.. state.Output.Images!, .. state.Output.Input!.Images!]);
    }

    [Fact]
    public async Task A_caller_cannot_change_what_is_stored()
    {
        await using var engine = NewEngine(RecordSettings.Default);

        var run = await engine.RunAsync(engine.NewRequest() with { Record = new RecordSettings { ToolMessages = false } });

        Assert.Equal(4, (await ((IRunRecords)engine.Store).FindAsync(run.RunId, Patience.Token))!.Output.Messages!.Value.Length);
    }

    private static async Task<RunOutput> SecondRecordAsync(RecordSettings settings)
    {
        await using var engine = NewEngine(settings with { ToolMessages = true });
        await RecordAsync(engine);
        await using var next = NewEngine(settings, engine);
        return await RecordAsync(next);
    }

    private static async Task<RunOutput> RecordAsync(TestEngine engine)
    {
        var run = await engine.RunAsync(engine.NewRequest() with { Input = new RunInput { InputContent = "hi", Images = [Picture] } });
        return (await ((IRunRecords)engine.Store).FindAsync(run.RunId, Patience.Token))!.Output;
    }

    private static TestEngine NewEngine(RecordSettings settings, TestEngine? before = null, PreHook? hook = null)
    {
        var look = Tool.Create(() => new ToolResult("a cat") { Media = new RunMedia { Images = [Picture] } }, new ToolOptions { Name = "look" });
        var agent = new Agent
        {
            Tools = [look],
            Record = settings,
            History = new HistorySettings { AddToContext = true },
            Hooks = hook is null ? RunHooks.None : new RunHooks { Pre = [hook] },
        };
        var engine = new TestEngine(agent, before?.Store);
        engine.Model.Answer(call => call.Say("I look.").Use("look").End()).Answer("done");
        return engine;
    }
}
