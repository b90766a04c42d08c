using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

/// <summary>What members are told with their tasks, and what leaders are told of members.</summary>
public sealed class DelegationTests
{
    private readonly ChannelChatClient _ann = TestTeams.Saying("ann says");
    private readonly ChannelChatClient _bob = TestTeams.Saying("bob says");

    private Agent[] Members => [TestTeams.Member("Ann", _ann), TestTeams.Member("Bob", _bob)];

    [Fact]
    public async Task A_member_is_told_its_task_and_nothing_else()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Handing("one", ("ann", "do it")).AnswerWithCall("delegate_task_to_member", new { member_id = "ann", task = "again" }).Answer("two"), Members));

        await engine.RunAsync("first");
        await engine.RunAsync("second");

        Assert.Equal(["do it", "again"], _ann.Calls.Select(call => Assert.Single(call.Texts)["user: ".Length..]));
    }

    [Fact]
    public async Task Members_are_told_the_last_runs_of_their_team()
    {
        var leader = new ChannelChatClient().Answer("a1").Answer("a2").Answer("a3").AnswerWithCall("delegate_task_to_member", new { member_id = "ann", task = "do it" }).Answer("done");
        var team = TestTeams.Of(leader, Members) with { Delegation = new DelegationSettings { AddHistory = true, HistoryRuns = 2 } };
        await using var engine = new TestEngine(team);
        foreach (var input in new[] { "q1", "q2", "q3" })
        {
            await engine.RunAsync(input);
        }

        await engine.RunAsync("q4");

        Assert.Equal(
            """
            user: <team_history>
            What the team was asked in this session before, and what it answered.
            - Asked: q2
              Answer: a2
            - Asked: q3
              Answer: a3
            </team_history>

            do it
            """.ReplaceLineEndings("\n"),
            Assert.Single(_ann.Calls[^1].Texts));
    }

    [Fact]
    public async Task Members_are_told_what_others_were_asked_and_answered_before()
    {
        var team = TestTeams.Of(TestTeams.Handing("done", ("ann", "t1"), ("bob", "t2")), Members) with { Delegation = new DelegationSettings { ShareInteractions = true } };
        await using var engine = new TestEngine(team);

        var output = await engine.RunAsync();

        Assert.Equal("user: t1", Assert.Single(_ann.Calls[0].Texts));
        Assert.Equal(
            """
            user: <work_so_far>
            What members of the team did for the present task before you.
            - Ann was asked: t1
              Answer: ann says
            </work_so_far>

            t2
            """.ReplaceLineEndings("\n"),
            Assert.Single(_bob.Calls[0].Texts));
        Assert.Equal(["t1", "t2"], output.MemberResponses!.Value.Select(member => member.Input!.InputContent.ToString()));
    }

    [Fact]
    public async Task Members_are_told_the_same_after_a_crash()
    {
        var leader = TestTeams.Handing("done", ("ann", "t1"), ("bob", "t2"));
        var silent = new ChannelChatClient();
        var settings = new DelegationSettings { ShareInteractions = true };
        await using var engine = new TestEngine(TestTeams.Of(leader, TestTeams.Member("Ann", _ann), TestTeams.Member("Bob", silent)) with { Delegation = settings });
        var runId = await engine.StartAsync();
        await silent.NextCallAsync();
        await engine.DisposeAsync();

        await using var next = new TestEngine(TestTeams.Of(leader, Members) with { Delegation = settings }, engine.Store);
        await next.Host.RecoverAsync(Patience.Token);
        await next.WaitAsync(runId);

        Assert.Equal(silent.Calls[0].Texts, _bob.Calls[0].Texts);
        Assert.Contains("Ann was asked: t1", _bob.Calls[0].Input, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guardrails_of_a_member_look_at_what_it_is_told_of_others()
    {
        var careful = TestTeams.Member("Bob", _bob) with { Guardrails = [new PiiDetection { MaskPii = true }] };
        var ann = TestTeams.Saying("write to ann@example.com");
        var team = TestTeams.Of(TestTeams.Handing("done", ("ann", "t1"), ("bob", "t2")), TestTeams.Member("Ann", ann), careful) with { Delegation = new DelegationSettings { ShareInteractions = true } };
        await using var engine = new TestEngine(team);

        var output = await engine.RunAsync();

        Assert.Contains("Answer: write to ***", _bob.Calls[0].Input, StringComparison.Ordinal);
        var log = await engine.LogAsync(output.MemberResponses!.Value[1].RunId);
        Assert.DoesNotContain(log, next => Json.Frames.Write(next).Contains("ann@example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Members_get_the_input_of_the_team_as_it_is_when_the_leader_does_not_word_it()
    {
        var team = TestTeams.Of(TestTeams.Handing("done", ("ann", "other words")), Members) with { Delegation = new DelegationSettings { DetermineInput = false } };
        await using var engine = new TestEngine(team);
        var input = new RunInput { InputContent = "the very words", Images = [new Media { Id = "cat", Url = "https://example.com/cat.png" }] };

        var output = await engine.RunAsync(engine.NewRequest() with { Input = input });

        Assert.Equal("the very words<UriContent>", _ann.Calls[0].Texts[0]["user: ".Length..]);
        Assert.Equal("cat", Assert.Single(output.MemberResponses!.Value).Input!.Images!.Value[0].Id);
    }

    [Fact]
    public async Task Structured_input_reaches_members_when_the_leader_does_not_word_it()
    {
        var schema = Builders.Json("""{"type":"object","required":["city"],"properties":{"city":{"type":"string"}}}""");
        var team = TestTeams.Of(TestTeams.Handing("done", ("ann", "other words")), TestTeams.Member("Ann", _ann) with { InputSchema = schema }) with
        {
            Delegation = new DelegationSettings { DetermineInput = false, AddHistory = true },
            InputSchema = schema,
        };
        await using var engine = new TestEngine(team);

        var output = await engine.RunAsync(engine.NewRequest() with { Input = RunInput.FromJson(Builders.Json("""{"city":"Oslo"}""")) });

        Assert.Equal("ann says", Assert.Single(output.MemberResponses!.Value).Content!.ToString());
        Assert.Contains("Oslo", _ann.Calls[0].Input, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_does_not_fit_a_member_is_told_to_the_leader()
    {
        var schema = Builders.Json("""{"type":"object","required":["city"]}""");
        var leader = TestTeams.Handing("done", ("ann", "no object"));
        await using var engine = new TestEngine(TestTeams.Of(leader, TestTeams.Member("Ann", _ann) with { InputSchema = schema }));

        await engine.RunAsync();

        Assert.Contains("does not fit the input schema of agent 'ann'", leader.Calls[1].Texts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_leader_is_told_the_tools_of_members_and_has_a_tool_that_tells_of_them()
    {
        var ann = TestTeams.Member("Ann", _ann) with { Role = "Adds.", Tools = [Tool.Create((int a) => a + 1, new ToolOptions { Name = "add_one" })] };
        var inner = TestTeams.Of(TestTeams.Saying("x"), TestTeams.Member("Bob", _bob)) with { Name = "Inner" };
        var leader = new ChannelChatClient().AnswerWithCall("get_member_information").Answer("done");
        await using var engine = new TestEngine(TestTeams.Of(leader, ann, inner) with { Delegation = new DelegationSettings { DescribeTools = true, InformationTool = true } });

        var output = await engine.RunAsync();

        const string Members = """
            <member id="ann" name="Ann">
              Role: Adds.
              Tools: add_one
            </member>
            <member id="inner" name="Inner" type="team">
              Tools: delegate_task_to_member
              <member id="bob" name="Bob">
              </member>
            </member>

            """;
        Assert.Contains($"<team_members>\n{Members}get_member_information tells more about them.\n</team_members>".ReplaceLineEndings("\n"), leader.Calls[0].SystemText, StringComparison.Ordinal);
        Assert.Equal(Members.ReplaceLineEndings("\n"), output.Tools!.Value[0].Result);
    }

    [Fact]
    public async Task A_team_that_does_not_tell_the_events_of_members_tells_its_own_only()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Handing("done", ("ann", "t")), Members) with { Delegation = new DelegationSettings { StreamEvents = false } });

        var events = await engine.StreamAsync();

        Assert.All(events, next => Assert.StartsWith("Team", next.Event, StringComparison.Ordinal));
        Builders.AssertGapless(events);
        Assert.Equal("ann says", Assert.Single(((RunCompleted)events[^1]).MemberResponses!.Value).Content!.ToString());
    }

    [Fact]
    public async Task Only_so_many_members_work_at_once()
    {
        var models = Enumerable.Range(0, 3).Select(_ => new ChannelChatClient()).ToArray();
        var members = models.Select((model, index) => TestTeams.Member($"M{index}", model)).ToArray();
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Broadcasting("{result}"), members) with { Mode = TeamMode.Broadcast, Delegation = new DelegationSettings { AtOnce = 1 } });
        var runId = await engine.StartAsync("Go");

        for (var i = 0; i < models.Length; i++)
        {
            var call = await models[i].NextCallAsync();
            Assert.Equal(i + 1, models.Sum(model => model.Calls.Count));
            call.Say($"said {i};").Cost(10, 5).End();
        }

        Assert.Equal("Agent M0: said 0;Agent M1: said 1;Agent M2: said 2;", (await engine.WaitAsync(runId)).Content!.ToString());
    }

    [Fact]
    public async Task A_member_remembers_its_own_runs_and_no_others()
    {
        var leader = TestTeams.Handing("r1", ("ann", "t1"), ("bob", "t2"));
        leader.AnswerWithCall("delegate_task_to_member", new { member_id = "ann", task = "t3" }).Answer("r2");
        var ann = TestTeams.Member("Ann", _ann) with { History = new HistorySettings { AddToContext = true } };
        await using var engine = new TestEngine(TestTeams.Of(leader, ann, TestTeams.Member("Bob", _bob)));
        await engine.RunAsync("q1");

        await engine.RunAsync("q2");

        Assert.Equal(["user: t1", "assistant: ann says", "user: t3"], _ann.Calls[^1].Texts);
    }

    [Fact]
    public async Task A_leader_remembers_the_runs_of_the_team_and_not_those_of_members()
    {
        var leader = TestTeams.Handing("r1", ("ann", "t1")).Answer("r2");
        await using var engine = new TestEngine(TestTeams.Of(leader, Members) with { History = new HistorySettings { AddToContext = true } });
        await engine.RunAsync("q1");

        await engine.RunAsync("q2");

        Assert.Equal(["user: q1", "assistant: [delegate_task_to_member]", "tool: ann says", "assistant: r1", "user: q2"], leader.Calls[^1].Texts.Skip(1));
    }

    [Fact]
    public async Task Dependencies_and_metadata_reach_members_and_theirs()
    {
        var seen = ImmutableArray<string>.Empty;
        var reader = Tool.Create(
            (RunContext context) =>
            {
                seen = seen.Add($"{context.Dependencies.GetProperty("plan")} {context.Dependencies.GetProperty("own")} {context.Metadata.GetProperty("tenant")} {context.Metadata.GetProperty("line")}");
                return "read";
            },
            new ToolOptions { Name = "read" });
        var deep = new Agent { Name = "Deep", Model = TestTeams.Script("deep", ("read", new { })), Tools = [reader], Instructions = "For {tenant}." };
        var inner = TestTeams.Of(TestTeams.Delegating("inner", "deep"), deep) with { Name = "Inner" };
        var outer = TestTeams.Of(TestTeams.Delegating("outer", "inner"), inner) with
        {
            Metadata = Builders.Json("""{"line":"blue"}"""),
            Dependencies = new Dependencies { Values = Builders.Json("""{"plan":"free"}"""), Compute = (_, _) => ValueTask.FromResult(Builders.Json("""{"own":"computed"}""")) },
        };
        await using var engine = new TestEngine(outer);

        var output = await engine.RunAsync(engine.NewRequest() with { Metadata = Builders.Json("""{"tenant":"acme"}"""), Dependencies = Builders.Json("""{"plan":"gold"}""") });

        Assert.Equal(["gold computed acme blue"], seen);
        Assert.Equal("For acme.", output.MemberResponses!.Value[0].MemberResponses!.Value[0].Messages!.Value[0].Content);
    }
}
