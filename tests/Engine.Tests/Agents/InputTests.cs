using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Agents;

public sealed class InputTests
{
    private static readonly Media Picture = new() { Url = "https://example.org/cat.png", MimeType = "image/png" };

    [Fact]
    public async Task A_list_of_texts_becomes_lines() => Assert.Equal(["user: one\ntwo"], await ShownAsync(RunInput.FromJson(Builders.Json("""["one","two"]"""))));

    [Fact]
    public async Task An_object_is_shown_as_indented_json() =>
        Assert.Equal(["user: {\n  \"city\": \"Rome\"\n}"], await ShownAsync(RunInput.FromJson(Builders.Json("""{"city":"Rome"}"""))));

    [Fact]
    public async Task An_object_with_role_and_content_is_a_message() =>
        Assert.Equal(["assistant: yes?"], await ShownAsync(RunInput.FromJson(Builders.Json("""{"role":"assistant","content":"yes?"}"""))));

    [Fact]
    public async Task A_list_of_messages_is_shown_as_it_is_behind_the_instructions()
    {
        var input = RunInput.FromJson(Builders.Json("""[{"role":"user","content":"one"},{"role":"assistant","content":"two"},{"role":"user","content":"three"}]"""));

        Assert.Equal(["system: Be brief.", "user: one", "assistant: two", "user: three"], await ShownAsync(input, new Agent { Instructions = "Be brief." }));
    }

    [Fact]
    public async Task Messages_can_be_given_as_records()
    {
        var input = RunInput.FromMessages(
            new Message { Id = "1", Role = MessageRole.Assistant, ToolCalls = [new MessageToolCall("c", new MessageFunctionCall("look", "{}"))] },
            new Message { Id = "2", Role = MessageRole.Tool, ToolCallId = "c", Content = "seen" },
            new Message { Id = "3", Role = MessageRole.User, Content = "and?" });

        Assert.Equal(["assistant: [look]", "tool: seen", "user: and?"], await ShownAsync(input));
    }

    [Theory]
    [InlineData("""[{"role":"user","content":"one"},{"city":"Rome"}]""")]
    [InlineData("""{"role":"robot","content":"one"}""")]
    [InlineData("""{"role":"user"}""")]
    [InlineData("[]")]
    [InlineData("[1, 2]")]
    public async Task What_is_no_message_is_shown_as_json(string json)
    {
        var shown = await ShownAsync(RunInput.FromJson(Builders.Json(json)));

        Assert.StartsWith("user: " + json[0], Assert.Single(shown), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Media_of_the_input_go_to_the_last_thing_that_the_user_says()
    {
        var input = RunInput.FromJson(Builders.Json("""[{"role":"user","content":"one"},{"role":"user","content":"two"}]""")) with { Images = [Picture] };

        Assert.Equal(["user: one", "user: two<UriContent>"], await ShownAsync(input));
    }

    [Fact]
    public async Task Media_that_are_not_for_the_model_reach_the_tools()
    {
        ImmutableArray<Media>? seen = null;
        var look = Tool.Create((RunContext context) => (seen = context.Input!.Images)?.Length, new ToolOptions { Name = "look" });
        await using var engine = new TestEngine(new Agent { Tools = [look], Prompt = new PromptSettings { SendMedia = false } });
        engine.Model.AnswerWithCall("look").Answer("a cat");

        var run = await engine.RunAsync(engine.NewRequest() with { Input = new RunInput { InputContent = "who?", Images = [Picture] } });

        Assert.Equal(["user: who?"], engine.Model.Calls[0].Texts);
        Assert.Equal([Picture], seen);
        Assert.Equal([Picture], run.Input?.Images);
    }

    [Fact]
    public async Task What_was_sent_is_recorded_as_it_was_sent()
    {
        await using var engine = new TestEngine(new Agent());
        engine.Model.Answer("ok");

        var run = await engine.RunAsync(engine.NewRequest() with { Input = RunInput.FromJson(Builders.Json("""["one","two"]""")) });

        Assert.Equal("""["one","two"]""", run.Input?.InputContent.ToString());
    }

    private static async Task<IReadOnlyList<string>> ShownAsync(RunInput input, Agent? agent = null)
    {
        await using var engine = new TestEngine(agent ?? new Agent());
        engine.Model.Answer("ok");
        await engine.RunAsync(engine.NewRequest() with { Input = input });
        return engine.Model.Calls.Single().Texts;
    }
}
