using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class SessionStateTests
{
    [Fact]
    public async Task A_run_shows_who_and_what_it_is_in_the_state_and_keeps_none_of_it()
    {
        string? seen = null;
        var tool = Tool.Create(
            (RunContext context) =>
            {
                seen = context.State.Value.GetRawText();
                context.State.Update(context.State.Value);
                context.State.Set("visits", Builders.Json("1"));
            },
            new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Tools = [tool], Instructions = "For {current_user_id}." });
        engine.Model.AnswerWithCall("look").Answer("done");
        var request = engine.NewRequest() with { UserId = "ann" };

        var run = await engine.RunAsync(request);

        Assert.Equal($$"""{"current_session_id":"session","current_run_id":"{{request.RunId}}","current_user_id":"ann"}""", seen);
        Assert.Equal("For ann.", engine.Model.Calls[0].SystemText);
        Assert.Equal("""{"visits":1}""", run.SessionState?.GetRawText());
        var session = await ((Engine.Sessions.ISessionStore)engine.Store).FindAsync(TestEngine.SessionId, Patience.Token);
        Assert.Equal("""{"visits":1}""", session!.SessionState?.GetRawText());
    }

    [Fact]
    public void A_member_that_is_taken_out_is_gone_and_the_others_stay()
    {
        var state = new SessionState(Builders.Json("""{"a":1,"b":2}"""));

        Assert.True(state.Remove("a"));
        Assert.False(state.Remove("a"));
        Assert.Equal("""{"b":2}""", state.Value.GetRawText());
    }

    [Fact]
    public async Task What_a_tool_sets_is_seen_by_the_next_tool_the_run_and_the_session()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Counter()] });
        engine.Model.AnswerWithCall("count").AnswerWithCall("count").Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal("""{"count":2}""", run.SessionState.ToString());
        Assert.Equal("""{"count":2}""", await StoredAsync(engine));
    }

    [Fact]
    public async Task The_next_run_goes_on_with_the_state()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Counter()] });
        engine.Model.AnswerWithCall("count").Answer("a").AnswerWithCall("count").Answer("b");

        await engine.RunAsync();
        await engine.RunAsync();

        Assert.Equal("""{"count":2}""", await StoredAsync(engine));
    }

    [Fact]
    public async Task The_model_changes_the_state_with_its_own_tool()
    {
        await using var engine = new TestEngine(new Agent { SessionState = new SessionStateSettings { Agentic = true, Initial = Builders.Json("""{"a":{"x":1},"b":2}""") } });
        engine.Model.AnswerWithCall("update_session_state", new { session_state_updates = new { a = new { y = 2 } } }).Answer("done");

        var run = await engine.RunAsync();

        Assert.False(run.Tools!.Value[0].ToolCallError, run.Tools!.Value[0].Result);
        Assert.Equal("""{"a":{"y":2},"b":2}""", run.SessionState.ToString());
    }

    [Fact]
    public async Task The_tool_for_the_state_names_its_argument_as_in_the_contract()
    {
        await using var engine = new TestEngine(new Agent { SessionState = new SessionStateSettings { Agentic = true } });
        engine.Model.Answer("done");
        await engine.RunAsync();

        var tool = Assert.IsAssignableFrom<Microsoft.Extensions.AI.AIFunctionDeclaration>(Assert.Single(engine.Model.Calls[0].Options.Tools!));

        Assert.Equal("update_session_state", tool.Name);
        Assert.Equal(["session_state_updates"], tool.JsonSchema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task The_state_of_the_request_lies_over_the_stored_one_and_that_over_the_initial_one()
    {
        await using var engine = new TestEngine(new Agent { SessionState = new SessionStateSettings { Initial = Builders.Json("""{"a":1,"b":1,"c":{"x":1,"y":1}}""") } });
        engine.Model.Answer("one").Answer("two");
        await engine.RunAsync(engine.NewRequest() with { SessionState = Builders.Json("""{"b":2,"c":{"y":2}}""") });

        var run = await engine.RunAsync(engine.NewRequest() with { SessionState = Builders.Json("""{"c":{"z":3}}""") });

        Assert.Equal("""{"a":1,"b":2,"c":{"x":1,"y":2,"z":3}}""", run.SessionState.ToString());
    }

    [Fact]
    public async Task The_state_of_the_request_replaces_the_stored_one_when_the_agent_wants_it()
    {
        await using var engine = new TestEngine(new Agent { SessionState = new SessionStateSettings { OverwriteStored = true } });
        engine.Model.Answer("one").Answer("two").Answer("three");
        await engine.RunAsync(engine.NewRequest() with { SessionState = Builders.Json("""{"a":1}""") });

        Assert.Equal("""{"a":1}""", (await engine.RunAsync()).SessionState.ToString());
        Assert.Equal("""{"b":2}""", (await engine.RunAsync(engine.NewRequest() with { SessionState = Builders.Json("""{"b":2}""") })).SessionState.ToString());
    }

    [Fact]
    public async Task The_state_is_shown_to_the_model_when_the_agent_or_the_request_wants_it()
    {
        await using var engine = new TestEngine(new Agent { SessionState = new SessionStateSettings { Initial = Builders.Json("""{"mood":"good"}""") } });
        engine.Model.Answer("one").Answer("two");
        await engine.RunAsync();
        await engine.RunAsync(engine.NewRequest() with { Overrides = new RunOverrides { AddSessionStateToContext = true } });

        Assert.Null(engine.Model.Calls[0].SystemText);
        Assert.Equal("<session_state>\n{\"mood\":\"good\"}\n</session_state>", engine.Model.Calls[1].SystemText);
    }

    [Fact]
    public async Task Tools_that_set_the_state_at_the_same_time_lose_nothing()
    {
        var set = Tool.Create((string key, RunContext context) => context.State.Set(key, Builders.Json("1")), new ToolOptions { Name = "set" });
        await using var engine = new TestEngine(new Agent { Tools = [set] });
        engine.Model.Answer(call => Enumerable.Range(0, 20).Aggregate(call, (c, i) => c.Use("set", new { key = $"k{i}" })).End()).Answer("done");

        var run = await engine.RunAsync();

        Assert.Equal(20, run.SessionState!.Value.GetPropertyCount());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_other_runs_changed_while_a_run_was_paused_is_still_there_when_it_has_ended(bool inAnotherProcess)
    {
        await using var engine = new TestEngine(new Agent { Tools = [Counter(), Asking()] });
        engine.Model.AnswerWithCall("count").AnswerWithCall("ask").AnswerWithCall("count").Answer("other");
        var paused = await engine.RunAsync();
        await engine.RunAsync();
        await using var next = engine.Successor();
        engine.Model.AnswerWithCall("count").Answer("done");

        var run = await (inAnotherProcess ? next : engine).ContinueAsync(paused.RunId, paused.Tools!.Value.Single(tool => tool.IsWaiting) with { Confirmed = true });

        Assert.Equal("""{"count":3}""", run.SessionState.ToString());
        Assert.Equal("""{"count":3}""", await StoredAsync(engine));
    }

    [Fact]
    public async Task A_run_that_is_continued_while_another_works_goes_on_with_what_that_one_leaves()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Counter(), Asking()] });
        engine.Model.AnswerWithCall("ask").AnswerWithCall("count");
        var paused = await engine.RunAsync();
        var other = await engine.StartAsync();
        var working = await engine.Model.NextCallAsync();

        await engine.Host.ContinueAsync(new RunContinuation(paused.RunId, [paused.Tools!.Value[0] with { Confirmed = true }]), Patience.Token);
        engine.Model.AnswerWithCall("count").Answer("done");
        working.End();
        await engine.WaitAsync(other);
        await engine.WaitAsync(paused.RunId);

        Assert.Equal("""{"count":2}""", await StoredAsync(engine));
    }

    [Fact]
    public async Task A_run_that_never_began_leaves_the_state_alone()
    {
        await using var engine = new TestEngine(new Agent { Tools = [Counter()] });
        engine.Model.AnswerWithCall("count").Answer("done");
        await engine.RunAsync();
        await engine.StartAsync();
        var working = await engine.Model.NextCallAsync();
        var queued = await engine.StartAsync();

        await engine.Host.CancelAsync(queued, Patience.Token);
        await engine.Host.StopAsync(Patience.Token);
        await using var next = engine.Successor();
        await next.Host.RecoverAsync(Patience.Token);
        (await engine.Model.NextCallAsync()).End();
        working.End();
        await next.WaitAsync(queued);

        Assert.Equal("""{"count":1}""", await StoredAsync(engine));
    }

    private static Tool Asking() => Tool.Create(() => "yes", new ToolOptions { Name = "ask", RequiresConfirmation = true });

    private static Tool Counter() => Tool.Create(
        (RunContext context) => context.State.Set("count", Builders.Json(context.State.Value.TryGetProperty("count", out var count) ? count.GetInt32() + 1 : 1)),
        new ToolOptions { Name = "count" });

    private static async Task<string> StoredAsync(TestEngine engine) =>
        ((JsonElement)(await engine.Store.FindAsync(TestEngine.SessionId, Patience.Token))!.SessionState!).GetRawText();
}
