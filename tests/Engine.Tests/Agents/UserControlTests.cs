using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class UserControlTests
{
    private static readonly object Fields = new
    {
        user_input_fields = new[]
        {
            new { field_name = "to", field_type = "str", field_description = "Who gets it." },
            new { field_name = "copies", field_type = "integer", field_description = "How many." },
        },
    };

    private static readonly object Questions = new
    {
        questions = new[]
        {
            new { question = "Which colour?", header = "Colour", options = new[] { new { label = "Red", description = "Warm" }, new { label = "Blue", description = "Cold" } }, multi_select = false },
            new { question = "Which days?", header = "Days", options = new[] { new { label = "Monday", description = "" }, new { label = "Friday", description = "" } }, multi_select = true },
        },
    };

    private static readonly Agent Asker = new() { Toolkits = [UserControlToolkit.Create()] };

    [Fact]
    public async Task A_model_that_needs_values_pauses_the_run_with_the_fields_it_names()
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall("get_user_input", Fields);

        var paused = await engine.RunAsync();

        var waiting = paused.Tools!.Value.Single();
        Assert.Equal(RunStatus.Paused, paused.Status);
        Assert.Equal("I have tools to execute, but I need user input.", paused.Content?.Text);
        Assert.True(waiting.RequiresUserInput);
        Assert.Equal([new UserInputField("to", "str", "Who gets it.", null), new UserInputField("copies", "str", "How many.", null)], waiting.UserInputSchema!.Value);
        Assert.Equal(waiting.UserInputSchema, paused.Requirements!.Value.Single().UserInputSchema);
    }

    [Fact]
    public async Task The_model_is_told_the_values_that_the_user_filled_in()
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall("get_user_input", Fields).Answer("sent");
        var paused = await engine.RunAsync();
        var waiting = paused.Tools!.Value.Single();

        var run = await engine.ContinueAsync(paused.RunId, waiting with
        {
            UserInputSchema = [.. waiting.UserInputSchema!.Value.Select(field => field with { Value = Builders.Json(field.Name == "to" ? "\"ann\"" : "3") })],
        });

        Assert.Equal("""User inputs retrieved: [{"name":"to","value":"ann"},{"name":"copies","value":3}]""", run.Messages!.Value[^2].Content);
        Assert.True(run.Tools!.Value.Single().Answered);
        Assert.False(run.Tools!.Value.Single().RequiresUserInput);
    }

    [Fact]
    public async Task A_value_that_is_missing_keeps_the_run_paused()
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall("get_user_input", Fields);
        var paused = await engine.RunAsync();
        var waiting = paused.Tools!.Value.Single();

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.ContinueAsync(
            paused.RunId, waiting with { UserInputSchema = [waiting.UserInputSchema!.Value[0] with { Value = Builders.Json("\"ann\"") }] }));

        Assert.Equal("Tool get_user_input needs user input: copies. Send the values in user_input_schema.", refusal.Message);
        Assert.Equal(RunStatus.Paused, (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);
    }

    [Fact]
    public async Task The_model_is_told_what_the_user_chose()
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall("ask_user", Questions).Answer("painted");
        var paused = await engine.RunAsync();

        var run = await engine.ContinueAsync(paused.RunId, Choose(paused, ["Blue"], ["Monday", "Friday"]));

        Assert.Equal(
            """User feedback received: [{"question":"Which colour?","selected":["Blue"]},{"question":"Which days?","selected":["Monday","Friday"]}]""",
            run.Messages!.Value[^2].Content);
        Assert.Equal(["Blue"], run.Tools!.Value.Single().UserFeedbackSchema!.Value[0].SelectedOptions!.Value);
    }

    [Fact]
    public async Task Options_that_the_user_marked_count_as_chosen()
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall("ask_user", Questions).Answer("painted");
        var paused = await engine.RunAsync();
        var waiting = paused.Tools!.Value.Single();

        var run = await engine.ContinueAsync(paused.RunId, waiting with
        {
            UserFeedbackSchema = [.. waiting.UserFeedbackSchema!.Value.Select(question => question with { Options = [question.Options!.Value[0] with { Selected = true }, question.Options.Value[1]] })],
        });

        Assert.Contains("""{"question":"Which colour?","selected":["Red"]}""", run.Messages!.Value[^2].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_without_an_answer_keeps_the_run_paused()
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall("ask_user", Questions);
        var paused = await engine.RunAsync();

        var open = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.ContinueAsync(paused.RunId, Choose(paused, ["Blue"])));
        var crowded = await Assert.ThrowsAsync<InvalidRequestException>(() => engine.ContinueAsync(paused.RunId, Choose(paused, ["Blue", "Red"], ["Monday"])));

        Assert.Equal("Tool ask_user needs an answer to 'Which days?'. Send the chosen labels as selected_options in user_feedback_schema.", open.Message);
        Assert.Equal("'Which colour?' takes one answer and got 2. Send one of them as selected_options.", crowded.Message);
        Assert.Equal(RunStatus.Paused, (await engine.Host.FindAsync(paused.RunId, Patience.Token))!.Output.Status);
    }

    [Fact]
    public async Task A_user_who_refuses_to_answer_is_heard()
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall("ask_user", Questions).Answer("as you like");
        var paused = await engine.RunAsync();

        var run = await engine.ContinueAsync(paused.RunId, paused.Tools!.Value.Single() with { Confirmed = false, ConfirmationNote = "none of your business" });

        Assert.Equal("none of your business", run.Messages!.Value[^2].Content);
        Assert.False(run.Tools!.Value.Single().RequiresUserInput);
    }

    [Theory]
    [InlineData("get_user_input", """{"user_input_fields":[]}""")]
    [InlineData("get_user_input", """{"user_input_fields":"to"}""")]
    [InlineData("ask_user", """{"questions":[{"header":"Colour"}]}""")]
    public async Task A_model_that_asks_nothing_is_told_so_and_nobody_is_bothered(string tool, string arguments)
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall(tool, JsonElement.Parse(arguments)).Answer("sorry");

        var run = await engine.RunAsync();

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.StartsWith("Error: The arguments ask the user nothing", run.Messages!.Value[^2].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_of_one_turn_wait_together_for_different_answers()
    {
        var made = new List<string>();
        var agent = Asker with
        {
            Tools =
            [
                Tool.Create((string path) => { made.Add(path); return $"deleted {path}"; }, new ToolOptions { Name = "delete", RequiresConfirmation = true }),
                Tool.Create((string command) => command, new ToolOptions { Name = "shell", ExternalExecution = true, ExternalExecutionSilent = true }),
            ],
        };
        await using var engine = new TestEngine(agent);
        engine.Model.Answer(call => call.Use("delete", new { path = "/a" }, "c1").Use("delete", new { path = "/b" }, "c2").Use("ask_user", Questions, "c3").Use("shell", new { command = "ls" }, "c4").End());
        engine.Model.Answer("done");
        var paused = await engine.RunAsync();
        var tools = paused.Tools!.Value;

        var run = await engine.ContinueAsync(
            paused.RunId,
            tools[0] with { Confirmed = true },
            tools[1] with { Confirmed = false, ConfirmationNote = "keep it" },
            Choose(paused, ["Red"], []),
            tools[3] with { Result = "a b" });

        Assert.Equal("I have tools to execute, but I need confirmation and I need user input.", paused.Content?.Text);
        Assert.Equal(["/a"], made);
        Assert.Equal(
            ["deleted /a", "keep it", """User feedback received: [{"question":"Which colour?","selected":["Red"]},{"question":"Which days?","selected":[]}]""", "a b"],
            run.Messages!.Value.Where(message => message.Role == "tool").Select(message => message.Content));
    }

    [Fact]
    public async Task A_question_is_answered_in_the_next_process()
    {
        await using var engine = new TestEngine(Asker);
        engine.Model.AnswerWithCall("ask_user", Questions).Answer("painted");
        var paused = await engine.RunAsync();
        await engine.DisposeAsync();
        await using var next = engine.Successor();

        var run = await next.ContinueAsync(paused.RunId, Choose(paused, ["Blue"], ["Friday"]));

        Assert.Equal("painted", run.Content?.Text);
    }

    [Fact]
    public void Answers_that_stand_beside_the_call_are_answers_too()
    {
        var requirement = new RunRequirement
        {
            Id = "q",
            CreatedAt = DateTimeOffset.UnixEpoch,
            ToolExecution = new ToolExecution { ToolCallId = "c", UserInputSchema = [new UserInputField("to", "str", null, null)] },
            Confirmation = true,
            ConfirmationNote = "fine",
            UserInputSchema = [new UserInputField("to", "str", null, Builders.Json("\"ann\""))],
            ExternalExecutionResult = "done",
        };

        var answer = requirement.ToAnswer();

        Assert.True(answer.Confirmed);
        Assert.Equal(("fine", "done", "ann"), (answer.ConfirmationNote, answer.Result, answer.UserInputSchema!.Value[0].Value!.Value.GetString()));
    }

    private static ToolExecution Choose(RunOutput paused, params ImmutableArray<string>[] chosen)
    {
        var waiting = paused.Tools!.Value.Single(tool => tool.ToolName == "ask_user");
        return waiting with
        {
            UserFeedbackSchema = [.. waiting.UserFeedbackSchema!.Value.Zip(chosen, (question, labels) => question with { SelectedOptions = labels })],
        };
    }
}
