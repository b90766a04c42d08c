using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class ToolSourceTests
{
    [Fact]
    public async Task Each_step_offers_what_the_source_has_by_then()
    {
        var source = new GrowingSource();
        source.Grow("look");
        await using var engine = NewEngine(source, new Toolkit { Name = "kit", Tools = [], Source = source, Exclude = ["hidden"] });
        engine.Model.AnswerWithCall("look").AnswerWithCall("jump").Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(["look done", "jump done"], run.Tools!.Value.Select(tool => tool.Result));
        Assert.Equal(["look"], engine.Model.Calls[0].Options.Tools!.Select(tool => tool.Name));
        Assert.Equal(["look", "jump"], engine.Model.Calls[1].Options.Tools!.Select(tool => tool.Name));
    }

    [Fact]
    public async Task A_source_without_an_answer_costs_the_run_its_tools_only_and_clients_are_told_once()
    {
        var source = new GrowingSource { Failure = new ToolSourceException("The shelf is away.") };
        await using var engine = NewEngine(source);
        engine.Model.AnswerWithCall("look").Answer("done");

        var events = await engine.StreamAsync();

        Assert.Equal("done", ((RunCompleted)events[^1]).Content?.Text);
        Assert.Equal("tool: Error: The requested tool does not exist or is not available.", engine.Model.Calls[1].Texts[^1]);
        var told = Assert.Single(events.OfType<CustomEvent>());
        Assert.Equal(("toolkit_unavailable", "kit", "The shelf is away."), (Text(told, "type"), Text(told, "server_name"), Text(told, "message")));
        Assert.IsType<RunStarted>(events[0]);
    }

    [Fact]
    public async Task An_agent_that_thinks_in_several_steps_tells_of_a_missing_source_once()
    {
        var source = new GrowingSource { Failure = new ToolSourceException("The shelf is away.") };
        await using var engine = new TestEngine(new Agent { Toolkits = [Kit(source)], Reasoning = new ReasoningSettings() });
        engine.Model
            .Answer("""{"reasoning_steps":[{"title":"Look","next_action":"continue"}]}""")
            .Answer("""{"reasoning_steps":[{"title":"Check","next_action":"final_answer"}]}""")
            .Answer("done");

        var events = await engine.StreamAsync();

        Assert.Equal(2, events.OfType<ReasoningStep>().Count());
        Assert.Single(events.OfType<CustomEvent>());
    }

    [Fact]
    public async Task A_source_that_needs_a_login_names_the_server()
    {
        var source = new GrowingSource { Failure = new ToolSourceException("Log in.") { LoginServer = new Uri("https://example.com/mcp") } };
        await using var engine = NewEngine(source);
        engine.Model.Answer("done");

        var told = Assert.Single((await engine.StreamAsync()).OfType<CustomEvent>());

        Assert.Equal(("auth_required", "https://example.com/mcp"), (Text(told, "type"), Text(told, "server_url")));
    }

    [Fact]
    public async Task What_a_source_was_last_heard_to_have_is_offered_while_it_is_away()
    {
        var source = new GrowingSource();
        source.Grow("look");
        source.Failure = new ToolSourceException("The shelf is away.");
        await using var engine = NewEngine(source);
        engine.Model.Answer("done");

        await engine.RunAsync();

        Assert.Equal(["look"], engine.Model.Calls[0].Options.Tools!.Select(tool => tool.Name));
        Assert.Equal(["look"], engine.Agent.OfferedTools.Select(tool => tool.Name));
    }

    [Fact]
    public async Task A_call_in_doubt_whose_source_is_away_waits_for_a_human()
    {
        var source = new GrowingSource();
        source.Grow("look");
        await using var engine = NewEngine(source);
        engine.Model.AnswerWithCall("look").Answer("done");
        var run = await engine.RunAsync();
        var log = await engine.LogAsync(run.RunId);
        var store = await CrashScene.StoreAsync([.. log[..(log.FindIndex(next => next is ToolCallStarted) + 1)]]);
        var away = new GrowingSource { Failure = new ToolSourceException("The shelf is away.") };
        await using var successor = new TestEngine(new Agent { Toolkits = [Kit(away)] }, store, model: engine.Model);

        var owner = await RunOwner.TakeOverAsync(successor.Services, (await store.ReadAsync(run.RunId, Patience.Token))!, Patience.Token);
        await owner.TurnAsync(Patience.Token);

        Assert.Equal((RunStatus.Paused, true), (owner.State.Output.Status, owner.State.Output.Tools!.Value.Single().RequiresConfirmation));
    }

    [Fact]
    public async Task Sources_of_all_agents_end_with_their_owner()
    {
        var (first, second) = (new GrowingSource(), new GrowingSource());
        var owner = new ToolSources(new AgentCatalog(
        [
            new Agent { Id = "a", Toolkits = [Kit(first), Kit(second)] },
            new Agent { Id = "b", Toolkits = [Kit(first)] },
        ]));

        await owner.DisposeAsync();

        Assert.Equal((1, 1), (first.Disposals, second.Disposals));
    }

    private static Toolkit Kit(IToolSource source) => new() { Name = "kit", Tools = [], Source = source };

    private static TestEngine NewEngine(IToolSource source, Toolkit? toolkit = null) => new(new Agent { Toolkits = [toolkit ?? Kit(source)] });

    private static string? Text(CustomEvent told, string member) => told.Members[member].GetString();

    /// <summary>Has one more tool each time that one of its tools was called.</summary>
    private sealed class GrowingSource : IToolSource
    {
        public ToolSourceException? Failure { get; set; }

        public int Disposals { get; private set; }

        public ImmutableArray<Tool> Known { get; private set; } = [];

        public void Grow(string name) => Known = Known.Add(Tool.Create(
            () =>
            {
                Known = Known.Any(tool => tool.Name == "jump") ? Known : Known.Add(Tool.Create(() => "jump done", new ToolOptions { Name = "jump" }));
                return $"{name} done";
            },
            new ToolOptions { Name = name }));

        public ValueTask<ImmutableArray<Tool>> LoadAsync(CancellationToken cancellationToken = default) =>
            Failure is null ? ValueTask.FromResult(Known) : ValueTask.FromException<ImmutableArray<Tool>>(Failure);

        public ValueTask DisposeAsync()
        {
            Disposals++;
            return ValueTask.CompletedTask;
        }
    }
}
