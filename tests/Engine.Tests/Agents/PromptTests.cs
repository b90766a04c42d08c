using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class PromptTests
{
    [Fact]
    public async Task An_agent_without_anything_to_say_has_no_system_message()
    {
        Assert.Equal(["user: hi"], (await AskAsync(new Agent())).Texts);
    }

    [Fact]
    public async Task The_parts_of_the_system_message_stand_in_the_order_of_the_contract()
    {
        var call = await AskAsync(new Agent
        {
            Name = "Ann",
            Description = "A describer.",
            Role = "Describes.",
            Instructions = new Instructions { Lines = ["Be short.", "Be kind."] },
            Tools = [Tool.Create(() => 1, new ToolOptions { Name = "one", Instructions = "Use one." })],
            Toolkits = [new Toolkit { Name = "kit", Tools = [], Instructions = "Use the kit." }],
            Prompt = new PromptSettings { Markdown = true, AddName = true, Location = "Oslo", ExpectedOutput = "A list.", AdditionalContext = "As it is.", UseInstructionTags = true },
        });

        Assert.Equal(
            """
            A describer.
            <your_role>
            Describes.
            </your_role>
            <instructions>
            - Be short.
            - Be kind.
            </instructions>
            <additional_information>
            - Format the answer as Markdown.
            - The user is near Oslo.
            - Your name is Ann.
            </additional_information>
            Use the kit.
            Use one.
            <expected_output>
            A list.
            </expected_output>
            As it is.
            """.ReplaceLineEndings("\n"),
            call.SystemText);
    }

    [Fact]
    public async Task One_instruction_stands_alone()
    {
        Assert.Equal("Be short.", (await AskAsync(new Agent { Instructions = "Be short." })).SystemText);
    }

    [Fact]
    public async Task The_date_and_time_are_those_of_the_zone()
    {
        var call = await AskAsync(new Agent { Prompt = new PromptSettings { AddDateTime = true, TimeZone = "Asia/Tokyo" } }, new ManualTime());

        Assert.Contains("2026-01-02 12:04:05 +09:00 (Asia/Tokyo)", call.SystemText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_date_and_time_are_utc_without_a_zone()
    {
        var call = await AskAsync(new Agent { Prompt = new PromptSettings { AddDateTime = true } }, new ManualTime());

        Assert.Contains("2026-01-02 03:04:05 +00:00 (UTC)", call.SystemText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_system_message_of_its_own_stands_alone()
    {
        var call = await AskAsync(new Agent { Description = "Gone.", Prompt = new PromptSettings { SystemMessage = "You are {user_id}'s." } }, change: request => request with { UserId = "ann" });

        Assert.Equal("You are ann's.", call.SystemText);
    }

    [Fact]
    public async Task Additional_input_stands_between_the_system_message_and_the_user_message()
    {
        var example = new Message { Id = "1", Role = MessageRole.Assistant, Content = "An example." };
        var call = await AskAsync(new Agent { Description = "D.", Prompt = new PromptSettings { AdditionalInput = [example] } });

        Assert.Equal(["system: D.", "assistant: An example.", "user: hi"], call.Texts);
    }

    [Fact]
    public async Task Placeholders_are_filled_from_state_dependencies_metadata_and_user_in_this_order()
    {
        var call = await AskAsync(
            new Agent
            {
                Instructions = "{a} {b} {c} {user_id} {unknown} {not a name} {n} {o} {}",
                SessionState = new SessionStateSettings { Initial = Builders.Json("""{"a":"state"}""") },
                Dependencies = new Dependencies { Values = Builders.Json("""{"a":"x","b":"dependency"}""") },
                Metadata = Builders.Json("""{"a":"x","b":"x","c":"metadata","n":1,"o":{"p":2}}"""),
            },
            change: request => request with { UserId = "ann", Input = new RunInput { InputContent = "I am {user_id}, {a}" } });

        Assert.Equal("""state dependency metadata ann {unknown} {not a name} 1 {"p":2} {}""", call.SystemText);
        Assert.Equal("I am ann, state", call.Input);
    }

    [Fact]
    public async Task A_value_that_looks_like_a_placeholder_is_not_filled_again()
    {
        var call = await AskAsync(new Agent { Instructions = "{a}", SessionState = new SessionStateSettings { Initial = Builders.Json("""{"a":"{b}","b":"secret"}""") } });

        Assert.Equal("{b}", call.SystemText);
    }

    [Fact]
    public async Task Placeholders_stay_when_the_agent_does_not_want_them_filled()
    {
        var call = await AskAsync(new Agent { Instructions = "{user_id}", Prompt = new PromptSettings { ResolveTemplates = false } }, change: request => request with { UserId = "ann" });

        Assert.Equal("{user_id}", call.SystemText);
    }

    [Fact]
    public async Task Instructions_can_be_computed_from_the_run()
    {
        var call = await AskAsync(
            new Agent { Instructions = new Instructions { Compute = (context, _) => new([$"For {context.UserId}.", context.SessionId]) } },
            change: request => request with { UserId = "ann" });

        Assert.Equal("- For ann.\n- session", call.SystemText);
    }

    [Fact]
    public async Task Instructions_that_throw_end_the_run_with_an_error_that_hides_the_message()
    {
        await using var engine = new TestEngine(new Agent { Instructions = new Instructions { Compute = (_, _) => throw new InvalidOperationException("secret") } });

        var events = await engine.StreamAsync();

        Assert.Equal("RunStarted RunError", events.Order());
        var error = (RunError)events[^1];
        Assert.Equal("InvalidOperationException", error.ErrorType);
        Assert.DoesNotContain("secret", error.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instructions_that_give_up_waiting_end_the_run_with_an_error()
    {
        await using var engine = new TestEngine(new Agent { Instructions = new Instructions { Compute = (_, _) => throw new TaskCanceledException() } });

        Assert.Equal(RunStatus.Error, (await engine.RunAsync()).Status);
    }

    [Fact]
    public async Task Dependencies_are_merged_and_appended_to_the_user_message()
    {
        var agent = new Agent
        {
            Dependencies = new Dependencies
            {
                Values = Builders.Json("""{"a":1,"b":1,"c":1}"""),
                Compute = (_, _) => new(Builders.Json("""{"b":2,"c":2}""")),
                AddToContext = true,
            },
        };

        var call = await AskAsync(agent, change: request => request with { Dependencies = Builders.Json("""{"c":3}""") });

        Assert.Equal("hi\n\n<additional context>\n{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n</additional context>", call.Input.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_request_overrides_whether_dependencies_are_shown()
    {
        var agent = new Agent { Dependencies = new Dependencies { Values = Builders.Json("""{"a":1}"""), AddToContext = true } };

        var call = await AskAsync(agent, change: request => request with { Overrides = new RunOverrides { AddDependenciesToContext = false } });

        Assert.Equal("hi", call.Input);
    }

    [Fact]
    public async Task Tools_see_the_dependencies_and_the_metadata_of_the_run()
    {
        var look = Tool.Create((RunContext context) => $"{context.Dependencies} {context.Metadata} {context.ToolCallId}", new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Tools = [look], Metadata = Builders.Json("""{"m":1}"""), Dependencies = new Dependencies { Values = Builders.Json("""{"a":1}""") } });
        engine.Model.AnswerWithCall("look", id: "c1").Answer("done");

        var run = await engine.RunAsync(engine.NewRequest() with { Metadata = Builders.Json("""{"n":2}""") });

        Assert.Equal("""{"a":1} {"n":2,"m":1} c1""", run.Tools!.Value[0].Result);
    }

    private static async Task<ModelCall> AskAsync(Agent agent, TimeProvider? time = null, Func<RunRequest, RunRequest>? change = null)
    {
        await using var engine = new TestEngine(agent, time: time);
        engine.Model.Answer("ok");
        var request = engine.NewRequest();
        var run = await engine.RunAsync(change?.Invoke(request) ?? request);
        Assert.Equal(RunStatus.Completed, run.Status);
        return engine.Model.Calls[0];
    }
}
