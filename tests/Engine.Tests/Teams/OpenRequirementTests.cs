using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

/// <summary>A run waits until a human has answered, whatever its model has filled in, whoever's call it is.</summary>
public sealed class OpenRequirementTests
{
    public static TheoryData<string, string, string> All
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var who in new[] { "agent", "leader", "member", "nested" })
            {
                foreach (var kind in new[] { "input b", "input all", "confirmation", "external", "approval", "get_user_input", "ask_user" })
                {
                    foreach (var filled in kind.StartsWith("input", StringComparison.Ordinal) ? new[] { """{"a":1,"b":2}""", """{"a":1}""", "{}" } : ["""{"a":1,"b":2}"""])
                    {
                        data.Add(who, kind, filled);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_run_waits_for_one_human_and_goes_on_with_the_answer(string who, string kind, string filled)
    {
        await using var engine = new TestEngine(Make(who, kind, filled));
        var paused = await engine.RunAsync();
        var open = Assert.Single(TestTeams.Open(paused));
        Assert.Equal(RunStatus.Paused, paused.Status);

        var again = await TryContinueWithNothingAsync(engine, paused, who);
        Assert.Equal((RunStatus.Paused, open.Id), (again.Status, Assert.Single(TestTeams.Open(again)).Id));

        var output = await AnswerAsync(engine, paused.RunId, open, who);

        Assert.Equal((RunStatus.Completed, 0), (output.Status, TestTeams.Open(output).Length));
        Assert.Contains(kind switch { "external" => "from outside", "get_user_input" or "ask_user" => "5", "input b" or "input all" => "sum 5 5", _ => "sum 1 2" }, output.Content!.ToString(), StringComparison.Ordinal);
        Builders.AssertGapless(await engine.EventsAsync(paused.RunId));
    }

    [Theory]
    [InlineData("agent")]
    [InlineData("leader")]
    [InlineData("member")]
    [InlineData("nested")]
    public async Task What_the_model_filled_in_stands_when_the_human_sends_it_back(string who)
    {
        await using var engine = new TestEngine(Make(who, "input b", """{"a":1,"b":2}"""));
        var paused = await engine.RunAsync();

        var output = await SendAsync(engine, paused.RunId, Assert.Single(TestTeams.Open(paused)), who);

        Assert.Contains("sum 1 2", output.Content!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agent")]
    [InlineData("leader")]
    [InlineData("member")]
    [InlineData("nested")]
    public async Task A_value_that_may_be_left_out_and_is_left_empty_goes_on_to_the_call_whoever_waits(string who)
    {
        await using var engine = new TestEngine(Make(who, "input optional", """{"a":1}"""));
        var paused = await engine.RunAsync();

        var output = await SendAsync(engine, paused.RunId, Assert.Single(TestTeams.Open(paused)), who);

        Assert.Equal(RunStatus.Completed, output.Status);
        Assert.Contains("add was not called: b should be a int and was left empty.", output.Content!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("leader")]
    [InlineData("member")]
    [InlineData("nested")]
    public async Task A_value_that_is_filled_in_beside_the_call_wins_over_what_the_model_suggested(string who)
    {
        await using var engine = new TestEngine(Make(who, "input b", """{"a":1,"b":2}"""));
        var paused = await engine.RunAsync();
        var open = Assert.Single(TestTeams.Open(paused));

        var output = await engine.AnswerAsync(paused.RunId, open with { UserInputSchema = Fill(open.ToolExecution.UserInputSchema) });

        Assert.Contains("sum 5 5", output.Content!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_team_waits_on_for_what_is_not_among_the_answers()
    {
        var team = TestTeams.Of(
            TestTeams.Delegating("{result}", "adder", "deleter"), Adder("input b", """{"a":1,"b":2}""") with { Name = "Adder" }, TestTeams.Deleter());
        await using var engine = new TestEngine(team);
        var paused = await engine.RunAsync();
        var (adding, deleting) = (TestTeams.Open(paused)[0], TestTeams.Open(paused)[1]);

        var again = await engine.AnswerAsync(paused.RunId, TestTeams.Confirm(deleting));
        var left = Assert.Single(TestTeams.Open(again));
        var output = await engine.AnswerAsync(paused.RunId, Filled(left));

        Assert.Equal((RunStatus.Paused, adding.Id), (again.Status, left.Id));
        Assert.Contains("sum 5 5", output.Content!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_requirement_of_a_nested_member_says_who_waits_below_the_teams_own_member()
    {
        await using var engine = new TestEngine(Make("nested", "confirmation", "{}"));

        var open = Assert.Single(TestTeams.Open(await engine.RunAsync()));

        Assert.Equal("inner", open.MemberAgentId);
        Assert.Equal(["adder"], open.MemberPath!.Value);
    }

    private static Agent Make(string who, string kind, string filled)
    {
        var adder = Adder(kind, filled);
        return who switch
        {
            "agent" => adder,
            "leader" => TestTeams.Of(adder.Model!.Model!, TestTeams.Member("Other", "o")) with { Tools = adder.Tools, Toolkits = adder.Toolkits },
            "member" => TestTeams.Of(TestTeams.Delegating("{result}", "adder"), adder),
            _ => TestTeams.Of(TestTeams.Delegating("{result}", "inner"), TestTeams.Of(TestTeams.Delegating("{result}", "adder"), adder) with { Name = "Inner" }),
        };
    }

    private static Agent Adder(string kind, string filled)
    {
        var call = kind switch
        {
            "get_user_input" => (kind, (object)new { user_input_fields = new[] { new { field_name = "b", field_type = "int", field_description = "B" } } }),
            "ask_user" => (kind, new { questions = new[] { new { question = "Which?", header = "W", options = new[] { new { label = "5" }, new { label = "6" } } } } }),
            _ => ("add", Builders.Json(filled)),
        };
        var options = kind switch
        {
            "input b" or "input optional" => new ToolOptions { UserInputFields = ["b"] },
            "input all" => new ToolOptions { UserInputFields = [] },
            "external" => new ToolOptions { ExternalExecution = true },
            "approval" => new ToolOptions { ApprovalType = ApprovalType.Required },
            _ => new ToolOptions { RequiresConfirmation = true },
        };
        var tool = kind == "input optional"
            ? Tool.Create((int a, int b = 9) => $"sum {a} {b}", options with { Name = "add" })
            : Tool.Create((int a, int b) => $"sum {a} {b}", options with { Name = "add" });
        return new Agent { Name = "Adder", Model = TestTeams.Script("{result}", call), Tools = [tool], Toolkits = [UserControlToolkit.Create()] };
    }

    private static async Task<RunOutput> TryContinueWithNothingAsync(TestEngine engine, RunOutput paused, string who)
    {
        if (who != "agent")
        {
            return await TryAsync(() => engine.AnswerAsync(paused.RunId));
        }

        // A confirmation that nobody gives is refused by continuing: only the others are missing.
        return Assert.Single(TestTeams.Open(paused)).ToolExecution.RequiresConfirmation == true ? paused : await TryAsync(() => engine.ContinueAsync(paused.RunId));

        async Task<RunOutput> TryAsync(Func<Task<RunOutput>> attempt)
        {
            try
            {
                return await attempt();
            }
            catch (InvalidRequestException)
            {
                return (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output;
            }
        }
    }

    private static Task<RunOutput> AnswerAsync(TestEngine engine, string runId, RunRequirement open, string who) => SendAsync(engine, runId, Filled(open), who);

    private static Task<RunOutput> SendAsync(TestEngine engine, string runId, RunRequirement answered, string who) =>
        who == "agent" ? engine.ContinueAsync(runId, answered.ToolExecution) : engine.AnswerAsync(runId, answered);

    private static RunRequirement Filled(RunRequirement open) => open with
    {
        ToolExecution = open.ToolExecution with
        {
            Confirmed = open.ToolExecution.RequiresConfirmation == true ? true : null,
            Result = open.ToolExecution.ExternalExecutionRequired == true ? "from outside" : null,
            UserInputSchema = Fill(open.ToolExecution.UserInputSchema),
            UserFeedbackSchema = open.ToolExecution.UserFeedbackSchema is { } questions ? [.. questions.Select(question => question with { SelectedOptions = ["5"] })] : null,
        },
    };

    private static ImmutableArray<UserInputField>? Fill(ImmutableArray<UserInputField>? fields) =>
        fields is { } all ? [.. all.Select(field => field with { Value = JsonSerializer.SerializeToElement(5) })] : null;
}
