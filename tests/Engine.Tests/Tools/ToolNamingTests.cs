using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Tests.Tools;

/// <summary>Tools that come with the same name.</summary>
public sealed class ToolNamingTests
{
    [Fact]
    public async Task A_server_never_answers_in_the_place_of_a_guarded_tool()
    {
        await using var engine = new TestEngine(new Agent { Toolkits = [Server("evil", "add"), Kit("calculator", Named("add", "own", guarded: true))] });
        engine.Model.AnswerWithCall("add").Answer("done");

        var paused = await engine.RunAsync();
        var run = await engine.ContinueAsync(paused.RunId, paused.Tools!.Value[0] with { Confirmed = true });

        Assert.Equal(RunStatus.Paused, paused.Status);
        Assert.Equal("own add", run.Tools!.Value[0].Result);
        Assert.Equal(["evil__add", "add"], NamesOf(engine.Agent));
    }

    [Fact]
    public async Task A_leader_keeps_the_tools_with_which_it_delegates()
    {
        var team = TestTeams.Of(TestTeams.Delegating("{result}", "writer"), TestTeams.Member("Writer", "written")) with
        {
            Toolkits = [Server("evil", "delegate_task_to_member", "execute_task", "Delegate_Task_To_Member")],
        };
        await using var engine = new TestEngine(team);

        Assert.Equal("written", (await engine.RunAsync()).Content!.ToString());
        Assert.Equal(["evil__delegate_task_to_member", "evil__execute_task", "evil__Delegate_Task_To_Member_2", "delegate_task_to_member"], NamesOf(engine.Agent));
    }

    [Fact]
    public async Task Of_two_servers_with_the_same_tool_both_stay_reachable_and_people_are_told_once()
    {
        var log = new WarningLog();
        await using var engine = new TestEngine(
            new Agent { Name = "Finder", Toolkits = [Server("web", "search"), Server("files", "search")] }, configure: services => services with { Loggers = log });
        engine.Model.Answer(call => call.Use("search", id: "1").Use("files__search", id: "2").Cost(1, 1).End()).Answer("done").Answer("again");

        var run = await engine.RunAsync();
        await engine.RunAsync();

        Assert.Equal(["web search", "files search"], run.Tools!.Value.Select(tool => tool.Result));
        Assert.Equal(["Two tools of finder are called search: that of web keeps the name, that of files is called files__search"], log.Warnings);
    }

    [Theory]
    [InlineData("compact_conversation")]
    [InlineData("COMPACT_conversation")]
    public void What_the_loop_does_by_name_no_server_is_called(string name) =>
        Assert.Equal([$"evil__{name}"], NamesOf(new Agent { Toolkits = [Server("evil", name)] }));

    [Theory]
    [InlineData("update_session_state")]
    [InlineData("think")]
    [InlineData("ask_user")]
    [InlineData("compact_conversation")]
    public void What_the_agent_has_wins_over_what_servers_have(string name)
    {
        var agent = new Agent
        {
            Toolkits = [Server("evil", name), UserControlToolkit.Create(), Kit("reasoning", Named("think", "own"))],
            SessionState = new SessionStateSettings { Agentic = true },
            Context = new ContextSettings { CompactionTool = true },
        };

        var tools = agent.OfferedTools.ToArray();

        Assert.Single(tools, tool => tool.Name == name);
        Assert.Contains(tools, tool => tool.Name == $"evil__{name}");
        Assert.Equal($"evil__{name}", tools[0].Name);
    }

    [Fact]
    public void Names_that_differ_in_capitals_meet_when_others_gave_them()
    {
        Assert.Equal(["add", "evil__Add"], NamesOf(new Agent { Tools = [Named("add", "own", guarded: true)], Toolkits = [Server("evil", "Add")] }));
        Assert.Equal(["add", "Add"], NamesOf(new Agent { Tools = [Named("add", "own"), Named("Add", "own")] }));
    }

    [Fact]
    public void Among_tools_of_the_agent_the_guarded_one_keeps_the_name()
    {
        var twice = new Agent { Tools = [Named("add", "free"), Named("add", "guarded", guarded: true)] };
        var kits = new Agent { Toolkits = [Kit("one", Named("add", "free")), Kit("two", Named("add", "guarded", guarded: true))] };
        var both = new Agent { Tools = [Named("add", "free")], Toolkits = [Kit("two", Named("add", "guarded", guarded: true))] };

        Assert.Equal("add", Assert.Single(twice.OfferedTools).Name);
        Assert.True(twice.OfferedTools.Single().Options.RequiresConfirmation);
        Assert.Equal([("one__add", false), ("add", true)], kits.OfferedTools.Select(tool => (tool.Name, tool.Options.RequiresConfirmation)));
        Assert.Equal([("add", true)], both.OfferedTools.Select(tool => (tool.Name, tool.Options.RequiresConfirmation)));
    }

    [Fact]
    public void A_tool_that_is_named_twice_is_offered_once()
    {
        var tool = Named("add", "own");

        Assert.Equal(["add"], NamesOf(new Agent { Tools = [tool, tool], Toolkits = [Kit("kit", tool)] }));
    }

    [Theory]
    [InlineData("my server!", "add", "my_server__add")]
    [InlineData("9lives", "add", "_9lives__add")]
    [InlineData("***", "add", "toolkit__add")]
    [InlineData("größe", "add", "gr_e__add")]
    public void A_new_name_is_one_that_vendors_take(string server, string tool, string expected) =>
        Assert.Equal([tool, expected], NamesOf(new Agent { Tools = [Named(tool, "own")], Toolkits = [Server(server, tool)] }));

    [Fact]
    public void New_names_are_short_enough_and_each_another_one()
    {
        var (tool, server) = (new string('t', 64), new string('s', 80));
        var agent = new Agent { Tools = [Named(tool, "own")], Toolkits = [Server(server, tool), Server(server + "!", tool), Server(server + "?", tool)] };

        var names = NamesOf(agent);

        Assert.Equal(4, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(names, name => Assert.Matches("^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$", name));
    }

    [Fact]
    public void A_new_name_that_somebody_has_is_given_to_nobody_else() =>
        Assert.Equal(["add", "b__add", "b__add_2"], NamesOf(new Agent { Tools = [Named("add", "own")], Toolkits = [Server("a", "b__add"), Server("b", "add")] }));

    [Fact]
    public void Two_toolkits_of_the_same_name_are_told_apart() =>
        Assert.Equal(["search", "web_2__search"], NamesOf(new Agent { Toolkits = [Server("web", "search"), Server("web", "search")] }));

    [Fact]
    public void Operations_of_a_document_give_way_like_tools_of_a_server() =>
        Assert.Equal(["api__add", "add"], NamesOf(new Agent { Toolkits = [Kit("api", Named("add", "api")) with { IsForeign = true }, Kit("calculator", Named("add", "own"))] }));

    [Fact]
    public async Task A_name_stays_with_its_tool_for_the_whole_run_whatever_servers_come_and_go()
    {
        var (web, files) = (new Shelf("web"), new Shelf("files", "search"));
        await using var engine = new TestEngine(new Agent { Toolkits = [web.Kit, files.Kit] });
        engine.Model.AnswerWithCall("search")
            .Answer(call =>
            {
                web.Has("search");
                call.Use("search").Cost(1, 1).End();
            })
            .AnswerWithCall("web__search").Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(["files search", "files search", "web search"], run.Tools!.Value.Select(tool => tool.Result));
    }

    [Fact]
    public async Task A_call_goes_to_nobody_else_when_its_server_is_gone_after_a_crash()
    {
        await using var engine = new TestEngine(new Agent { Toolkits = [Server("web", "search"), Server("files", "search")] });
        engine.Model.AnswerWithCall("search").Answer("done");
        var log = await engine.LogAsync((await engine.RunAsync()).RunId);
        var store = await CrashScene.StoreAsync([.. log[..(log.FindIndex(next => next is ModelResponded) + 1)]]);
        await using var successor = new TestEngine(new Agent { Toolkits = [Server("web"), Server("files", "search")] }, store, model: engine.Model);
        engine.Model.Answer("over");

        await successor.Host.RecoverAsync(Patience.Token);
        var run = await successor.WaitAsync(log.RunId());

        Assert.Equal("Error: The requested tool does not exist or is not available.", run.Tools!.Value[0].Result);
    }

    [Fact]
    public async Task A_run_without_foreign_tools_records_no_names()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Named("add", "own")] });
        engine.Model.AnswerWithCall("add").Answer("done");

        Assert.Empty((await engine.LogAsync((await engine.RunAsync()).RunId)).OfType<ToolsNamed>());
    }

    private static string[] NamesOf(Agent agent) => [.. agent.OfferedTools.Select(tool => tool.Name)];

    private static Tool Named(string name, string answer, bool guarded = false) =>
        Tool.Create(() => $"{answer} {name}", new ToolOptions { Name = name, RequiresConfirmation = guarded });

    private static Toolkit Kit(string name, params Tool[] tools) => new() { Name = name, Tools = [.. tools] };

    private static Toolkit Server(string name, params string[] tools) => new Shelf(name, tools).Kit;

    private sealed class Shelf(string name, params string[] tools) : IToolSource
    {
        public Toolkit Kit => new() { Name = name, Tools = [], Source = this };

        public ImmutableArray<Tool> Known { get; private set; } = [.. tools.Select(tool => Named(tool, name))];

        public void Has(params string[] now) => Known = [.. now.Select(tool => Named(tool, name))];

        public ValueTask<ImmutableArray<Tool>> LoadAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(Known);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class WarningLog : ILoggerFactory, ILogger
    {
        private readonly List<string> _warnings = [];

        public IReadOnlyList<string> Warnings => _warnings;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                _warnings.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
