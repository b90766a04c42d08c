using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Hooks;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

/// <summary>Leaders and members are agents: what agents can do, they can.</summary>
public sealed class TeamFeatureTests
{
    private const string Film = """{"title":"Alien"}""";

    private static readonly OutputSettings Films = new()
    {
        Schema = OutputSchema.FromJson(Builders.Json("""{"title":"Film","type":"object","required":["title"],"properties":{"title":{"type":"string"}}}""")),
    };

    [Fact]
    public async Task A_leaders_answer_fits_its_schema()
    {
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Handing(Film, ("ann", "t")), TestTeams.Member("Ann", "a")) with { Output = Films });

        var output = await engine.RunAsync();

        Assert.Equal((Film, "dict"), (output.Content!.Json!.Value.GetRawText(), output.ContentType));
    }

    [Fact]
    public async Task The_leader_gets_a_members_object_as_json()
    {
        var team = TestTeams.Of(TestTeams.Delegating("{result}", "ann"), TestTeams.Member("Ann", TestTeams.Saying(Film)) with { Output = Films });
        await using var engine = new TestEngine(team);

        var output = await engine.RunAsync();

        Assert.Equal((Film, null, "str"), (output.Content!.Text, output.Content.Json, output.ContentType));
        Assert.Equal("dict", Assert.Single(output.MemberResponses!.Value).ContentType);
    }

    [Fact]
    public async Task A_team_that_routes_answers_with_the_object_and_the_pictures_of_its_member()
    {
        var draw = Tool.Create(() => new ToolResult("drawn") { Media = new RunMedia { Images = [new Media { Id = "owl" }] } }, new ToolOptions { Name = "draw" });
        var ann = TestTeams.Member("Ann", new ChannelChatClient().AnswerWithCall("draw").Answer(Film)) with { Output = Films, Tools = [draw] };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("never", "ann"), ann) with { Mode = TeamMode.Route });

        var output = await engine.RunAsync();

        Assert.Equal((Film, "dict"), (output.Content!.Json!.Value.GetRawText(), output.ContentType));
        Assert.Equal("owl", Assert.Single(output.Images!.Value).Id);
    }

    [Fact]
    public async Task Guardrails_of_the_team_look_at_its_input_before_any_member_works()
    {
        var ann = TestTeams.Saying("a");
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("x", "ann"), TestTeams.Member("Ann", ann)) with { Guardrails = [new PiiDetection()] });

        var output = await engine.RunAsync("mail ann@example.com");

        Assert.Equal(RunStatus.Error, output.Status);
        Assert.Empty(ann.Calls);
        Assert.Contains("TeamRunError", (await engine.EventsAsync(output.RunId)).Order(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_whose_guardrail_refuses_does_not_sink_the_team()
    {
        var careful = TestTeams.Member("Ann", TestTeams.Saying("a")) with { Guardrails = [new PiiDetection()] };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("told: {result}", "ann"), careful));

        var output = await engine.RunAsync("mail ann@example.com");

        Assert.Equal((RunStatus.Completed, RunStatus.Error), (output.Status, Assert.Single(output.MemberResponses!.Value).Status));
        Assert.StartsWith("told: ", output.Content!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_members_answer_that_its_guardrail_refuses_is_not_told_to_the_leader()
    {
        var ann = TestTeams.Member("Ann", TestTeams.Saying("the secret")) with { Guardrails = [new Refusing()] };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("told: {result}", "ann"), ann));

        Assert.Equal("told: not that", (await engine.RunAsync()).Content!.ToString());
    }

    [Fact]
    public async Task Hooks_change_the_input_and_the_answer_of_the_team_and_of_members()
    {
        var ann = TestTeams.Member("Ann", "a({input})") with { Hooks = Around("ann") };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "ann"), ann) with { Hooks = Around("crew") });

        var output = await engine.RunAsync("hi");

        Assert.Equal("a(hi>crew>ann)<ann<crew", output.Content!.ToString());
    }

    [Fact]
    public async Task A_leader_thinks_before_it_delegates()
    {
        var thinker = TestTeams.Saying("""{"reasoning_steps":[{"title":"Ask Ann","next_action":"final_answer"}]}""");
        var team = TestTeams.Of(TestTeams.Delegating("{result}", "ann"), TestTeams.Member("Ann", "a")) with { Reasoning = new ReasoningSettings { Model = TestEngine.NewModel(thinker) } };
        await using var engine = new TestEngine(team);

        var events = await engine.StreamAsync();

        Assert.StartsWith("TeamRunStarted TeamReasoningStarted TeamReasoningStep TeamReasoningCompleted TeamModelRequestStarted", events.Order(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_is_answered_for_by_its_fallback_and_tried_again()
    {
        var broken = ScriptedModelProvider.Create(new Script { Failure = "away" });
        var fallback = TestTeams.Member("Ann", "") with { Model = broken, Fallbacks = new FallbackSettings { OnError = [TestTeams.Script("from the fallback")] } };
        var flaky = new ChannelChatClient().Answer(call => call.Fail(new InvalidOperationException("once"))).Answer("second attempt");
        var retried = TestTeams.Member("Bob", flaky) with { Retry = new RetrySettings { Retries = 1, Delay = TimeSpan.Zero } };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "ann", "bob"), fallback, retried));

        Assert.Equal("from the fallback; second attempt", (await engine.RunAsync()).Content!.ToString());
    }

    [Fact]
    public async Task A_leader_delegates_no_more_often_than_its_limit_allows()
    {
        var ann = TestTeams.Saying("a");
        var team = TestTeams.Of(TestTeams.Delegating("{result}", "ann", "ann"), TestTeams.Member("Ann", ann)) with { ToolCalls = new ToolCallSettings { Limit = 1 } };
        await using var engine = new TestEngine(team);

        var output = await engine.RunAsync();

        Assert.Single(ann.Calls);
        Assert.StartsWith("a; The tool call limit of 1 is reached.", output.Content!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_of_time_for_tools_does_not_cut_off_delegation()
    {
        var time = new ManualTime();
        var ann = new ChannelChatClient();
        var slow = Tool.Create(async (CancellationToken stop) => await Task.Delay(Timeout.InfiniteTimeSpan, time, stop), new ToolOptions { Name = "slow" });
        var leader = TestTeams.Script("{result}", ("slow", new { }), ("delegate_task_to_member", new { member_id = "ann", task = "t" }));
        var team = TestTeams.Of(leader, TestTeams.Member("Ann", ann)) with { Tools = [slow], ToolCalls = new ToolCallSettings { Timeout = TimeSpan.FromSeconds(1) } };
        await using var engine = new TestEngine(team, time: time);
        var runId = await engine.StartAsync();
        var call = await ann.NextCallAsync();
        await time.NextWaitAsync();

        time.Advance(TimeSpan.FromMinutes(10));
        call.Say("in the end").Cost(10, 5).End();

        Assert.Equal("slow did not answer within 1 seconds. Whether it has done its work is not known.; in the end", (await engine.WaitAsync(runId)).Content!.ToString());
    }

    [Fact]
    public async Task The_answer_of_a_team_is_worded_by_its_output_model()
    {
        var output = new OutputSettings { OutputModel = TestTeams.Script("worded anew") };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "ann"), TestTeams.Member("Ann", "a")) with { Output = output });

        var events = await engine.StreamAsync();

        Assert.Equal("worded anew", Assert.IsType<RunCompleted>(events[^1]).Content!.ToString());
        Assert.Contains("TeamRunIntermediateContent", events.Order(), StringComparison.Ordinal);
        Assert.Contains("TeamOutputModelResponseStarted", events.Order(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_of_a_team_is_parsed_by_its_parser_model_and_followed_up()
    {
        var output = Films with
        {
            ParserModel = TestTeams.Script(Film),
            Followups = new FollowupSettings { Count = 1, Model = TestTeams.Script("""{"suggestions":["And then?"]}""") },
        };
        await using var engine = new TestEngine(TestTeams.Of(TestTeams.Delegating("{result}", "ann"), TestTeams.Member("Ann", "a")) with { Output = output });

        var run = await engine.RunAsync();

        Assert.Equal((Film, "And then?"), (run.Content!.ToString(), Assert.Single(run.Followups!.Value)));
    }

    [Fact]
    public async Task A_leaders_long_conversation_is_summarised()
    {
        var summariser = TestTeams.Saying("Ann said many words.");
        var ann = TestTeams.Saying(string.Join(' ', Enumerable.Repeat("word", 500)));
        var leader = TestTeams.Handing("done", ("ann", "t1"), ("ann", "t2"));
        var team = TestTeams.Of(leader, TestTeams.Member("Ann", ann)) with
        {
            Context = new ContextSettings { Window = 1_200, AutoCompaction = new AutoCompactionSettings { Threshold = 0.5, KeepMessages = 2 }, Model = TestEngine.NewModel(summariser) },
        };
        await using var engine = new TestEngine(team);

        var output = await engine.RunAsync("find it");

        Assert.Equal((RunStatus.Completed, "done"), (output.Status, output.Content!.ToString()));
        Assert.NotEmpty(summariser.Calls);
        Assert.Contains(leader.Calls[^1].Texts, text => text.Contains("Ann said many words.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_leader_uses_tools_of_its_own_beside_delegation()
    {
        var add = Tool.Create((int a, int b) => a + b, new ToolOptions { Name = "add" });
        var leader = TestTeams.Script("{result}", ("add", new { a = 2, b = 3 }), ("delegate_task_to_member", new { member_id = "ann", task = "t" }));
        await using var engine = new TestEngine(TestTeams.Of(leader, TestTeams.Member("Ann", "a")) with { Tools = [add] });

        Assert.Equal("5; a", (await engine.RunAsync()).Content!.ToString());
    }

    private static RunHooks Around(string name) => new()
    {
        Pre = [new PreHook(name, (input, _, _) => ValueTask.FromResult(input with { InputContent = $"{input.InputContent}>{name}" }))],
        Post = [new PostHook(name, (output, _, _) => ValueTask.FromResult(output with { Content = $"{output.Content}<{name}" }))],
    };

    private sealed class Refusing : IGuardrail
    {
        public string Name => "refusing";

        public ValueTask CheckOutputAsync(RunOutput output, RunContext run, CancellationToken cancellationToken) =>
            output.Content?.ToString().Contains("secret", StringComparison.Ordinal) == true ? throw new OutputCheckException("not that", CheckTrigger.OutputNotAllowed) : ValueTask.CompletedTask;
    }
}
