using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

/// <summary>The session state in the hands of members.</summary>
public sealed class TeamStateTests
{
    [Fact]
    public async Task Members_that_change_different_things_at_the_same_time_undo_nothing_of_each_other()
    {
        var team = Broadcast(Setter("One", """{"a":2}"""), Setter("Two", """{"b":2}""")) with { SessionState = Initial("""{"a":1,"b":1,"c":1}""") };

        AssertSame("""{"a":2,"b":2,"c":1}""", await StateAfterAsync(team));
    }

    [Fact]
    public async Task Of_members_that_change_the_same_thing_the_last_in_the_order_of_the_team_wins()
    {
        var team = Broadcast(Setter("One", """{"a":"one"}"""), Setter("Two", """{"a":"two"}"""));

        AssertSame("""{"a":"two"}""", await StateAfterAsync(team));
    }

    [Fact]
    public async Task Changes_inside_of_objects_are_laid_over_one_another()
    {
        var team = Broadcast(Setter("One", """{"cart":{"apples":2,"pears":1}}"""), Setter("Two", """{"cart":{"apples":1,"pears":3,"plums":{"red":1}}}""")) with
        {
            SessionState = Initial("""{"cart":{"apples":1,"pears":1},"x":[1]}"""),
        };

        AssertSame("""{"cart":{"apples":2,"pears":3,"plums":{"red":1}},"x":[1]}""", await StateAfterAsync(team));
    }

    [Fact]
    public async Task What_members_of_a_nested_team_change_reaches_the_session()
    {
        var inner = TestTeams.Of(TestTeams.Delegating("inner", "one", "two"), Setter("One", """{"a":1}"""), Setter("Two", """{"b":1}""")) with { Name = "Inner" };
        var team = TestTeams.Of(TestTeams.Delegating("outer", "inner"), inner) with { SessionState = Initial("""{"z":0}""") };

        AssertSame("""{"z":0,"a":1,"b":1}""", await StateAfterAsync(team));
    }

    [Fact]
    public async Task A_member_sees_what_the_one_before_it_changed()
    {
        var counter = new Agent
        {
            Name = "Counter",
            Model = TestTeams.Script("counted", ("count", new { })),
            Tools = [Tool.Create((RunContext context) => Count(context.State), new ToolOptions { Name = "count" })],
        };
        var team = TestTeams.Of(TestTeams.Handing("done", ("counter", "once"), ("counter", "twice")), counter) with { SessionState = Initial("""{"n":0}""") };

        AssertSame("""{"n":2}""", await StateAfterAsync(team));
    }

    [Fact]
    public async Task A_member_that_waited_for_a_human_undoes_nothing_that_happened_meanwhile()
    {
        var deleter = TestTeams.Deleter() with { Tools = [Tool.Create((string path, RunContext context) => Set(context.State, """{"deleted":true}"""), new ToolOptions { Name = "delete_file", RequiresConfirmation = true })] };
        var team = TestTeams.Of(TestTeams.Delegating("done", "deleter", "one"), deleter, Setter("One", """{"a":2}""")) with { SessionState = Initial("""{"a":1}""") };
        await using var engine = new TestEngine(team);
        var paused = await engine.RunAsync();
        await using var next = engine.Successor();

        var output = await next.AnswerAsync(paused.RunId, TestTeams.Confirm(Assert.Single(TestTeams.Open(paused))));

        Assert.Equal(RunStatus.Completed, output.Status);
        AssertSame("""{"a":2,"deleted":true}""", output.SessionState!.Value.GetRawText());
    }

    [Fact]
    public async Task What_a_failed_member_changed_stays_changed()
    {
        var failing = new Agent
        {
            Name = "Failing",
            Model = TestEngine.NewModel(new ChannelChatClient { Otherwise = call => Fail(call) }),
            Tools = [Tool.Create((RunContext context) => Set(context.State, """{"a":1}"""), new ToolOptions { Name = "set" })],
        };

        AssertSame("""{"a":1}""", await StateAfterAsync(TestTeams.Of(TestTeams.Delegating("done", "failing"), failing)));

        static void Fail(ModelCall call)
        {
            if (call.HasToolResults)
            {
                call.Fail(new InvalidOperationException("no more"));
            }
            else
            {
                call.Use("set").Cost(10, 5).End();
            }
        }
    }

    /// <summary>Calls of one turn bring their changes as they end, so that the order of members says nothing.</summary>
    private static void AssertSame(string expected, string actual) => Assert.True(JsonElement.DeepEquals(Builders.Json(expected), Builders.Json(actual)), actual);

    private static async Task<string> StateAfterAsync(Team team)
    {
        await using var engine = new TestEngine(team);
        var output = await engine.RunAsync();
        var session = await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token);
        Assert.Equal(RunStatus.Completed, output.Status);
        Assert.Equal(output.SessionState!.Value.GetRawText(), session!.SessionState!.Value.GetRawText());
        return output.SessionState!.Value.GetRawText();
    }

    private static Team Broadcast(params Agent[] members) => TestTeams.Of(TestTeams.Broadcasting("done"), members) with { Mode = TeamMode.Broadcast };

    private static SessionStateSettings Initial(string json) => new() { Initial = Builders.Json(json) };

    private static Agent Setter(string name, string changes) => new()
    {
        Name = name,
        Model = TestTeams.Script("set", ("set", new { })),
        Tools = [Tool.Create((RunContext context) => Set(context.State, changes), new ToolOptions { Name = "set" })],
    };

    private static string Set(SessionState state, string changes)
    {
        state.Update(Builders.Json(changes));
        return "set";
    }

    private static string Count(SessionState state)
    {
        state.Set("n", JsonSerializer.SerializeToElement(state.Value.GetProperty("n").GetInt32() + 1));
        return "counted";
    }
}
