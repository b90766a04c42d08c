using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Tools;

namespace Cluster.Terminal.Tests;

public sealed class PrintTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_terminal_shows_message_tool_calls_and_answer_in_frames()
    {
        using var screen = new Screen(isTerminal: true);

        await Calculator().PrintResponseAsync("What is 2 + 3?", console: screen.Console, cancellationToken: Stop);

        Assert.Contains("Message", screen.Text, StringComparison.Ordinal);
        Assert.Contains("What is 2 + 3?", screen.Text, StringComparison.Ordinal);
        Assert.Contains("add(a=2, b=3) → 5", screen.Text, StringComparison.Ordinal);
        Assert.Contains("The sum is 5.", screen.Text, StringComparison.Ordinal);
        Assert.Contains('╭', screen.Text);
    }

    [Fact]
    public async Task Output_that_goes_elsewhere_is_plain_text()
    {
        using var screen = new Screen(isTerminal: false);

        await Calculator().PrintResponseAsync("What is 2 + 3?", console: screen.Console, cancellationToken: Stop);

        Assert.Equal("[add(a=2, b=3) → 5]\nThe sum is 5.\n", screen.Text);
    }

    [Fact]
    public async Task What_is_not_wanted_is_not_printed()
    {
        using var screen = new Screen(isTerminal: true);

        await Calculator().PrintResponseAsync("What is 2 + 3?", new PrintOptions { ShowMessage = false, ShowToolCalls = false, ShowMetrics = true }, screen.Console, Stop);

        Assert.DoesNotContain("Message", screen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("add(", screen.Text, StringComparison.Ordinal);
        Assert.Contains("tokens", screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Markdown_is_shown_as_what_it_means()
    {
        const string Text = "# Title\n\nSome **bold** and `code` [link](https://example.com).\n\n- one\n- two\n\n1. first\n\n```csharp\nvar a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | [x] |\n\n> quoted\n\nTom &amp; Jerry\n";
        using var screen = new Screen(isTerminal: true);
        var agent = new Agent { Model = ScriptedModelProvider.Create(new Script { Text = Text }) };

        await agent.PrintResponseAsync("go", console: screen.Console, cancellationToken: Stop);

        var last = screen.Text[screen.Text.LastIndexOf("Message", StringComparison.Ordinal)..];
        foreach (var shown in new[] { "Title", "Some bold and code link (https://example.com).", "• one", "1. first", "csharp", "var a = 1;", "[x]", "quoted", "Tom & Jerry" })
        {
            Assert.Contains(shown, last, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("**", last, StringComparison.Ordinal);
        Assert.DoesNotContain("```", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_shown()
    {
        using var screen = new Screen(isTerminal: true);

        await new Agent { Model = ScriptedModelProvider.Create(new Script { Failure = "The provider is down" }) }.PrintResponseAsync("go", console: screen.Console, cancellationToken: Stop);

        Assert.Contains("The provider is down", screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_goes_on_in_one_session_until_somebody_leaves()
    {
        using var screen = new Screen(isTerminal: true, "Hello", "", "Again", "exit");
        var agent = new Agent
        {
            Name = "Echo",
            Model = ScriptedModelProvider.Create(new Script { Text = "{input}" }),
            SessionState = new SessionStateSettings { Initial = JsonElement.Parse("{}") },
        };

        await agent.RunInteractiveAsync(new PrintOptions { SessionId = "chat" }, screen.Console, Stop);

        Assert.Contains("Talking with echo", screen.Text, StringComparison.Ordinal);
        var again = await agent.RunAsync("once more", "chat", Stop);
        Assert.Equal("chat", again.SessionId);
    }

    [Theory]
    [InlineData("y", "Deleted /tmp/a.txt")]
    [InlineData("n", "too risky")]
    public async Task A_chat_asks_about_calls_that_wait(string answer, string outcome)
    {
        string[] typed = answer == "y" ? ["go", "y", "exit"] : ["go", "n", "too risky", "exit"];
        using var screen = new Screen(isTerminal: true, typed);
        var agent = new Agent
        {
            Model = ScriptedModelProvider.Create(new Script { Text = "Done: {result}", Calls = [new ScriptedCall("delete", JsonElement.Parse("""{"path":"/tmp/a.txt"}"""))] }),
            Tools = [Tool.Create((string path) => $"Deleted {path}", new ToolOptions { Name = "delete", RequiresConfirmation = true })],
        };

        await agent.RunInteractiveAsync(console: screen.Console, cancellationToken: Stop);

        Assert.Contains($"Done: {outcome}", screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_asks_whether_and_then_with_what_and_takes_what_was_proposed()
    {
        using var screen = new Screen(isTerminal: true, "go", "y", "", "exit");
        var agent = new Agent
        {
            Model = ScriptedModelProvider.Create(new Script { Text = "Done: {result}", Calls = [new ScriptedCall("label", JsonElement.Parse("""{"text":"[urgent]"}"""))] }),
            Tools = [Tool.Create((string text) => $"Labelled {text}", new ToolOptions { Name = "label", RequiresConfirmation = true, UserInputFields = ["text"] })],
        };

        await agent.RunInteractiveAsync(console: screen.Console, cancellationToken: Stop);

        Assert.Contains("Done: Labelled [urgent]", screen.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_asks_the_questions_of_a_model()
    {
        const string Questions = """{"questions":[{"question":"Which colour?","header":"Colour","options":[{"label":"Red [warm]","description":""},{"label":"Blue","description":"Cold"}],"multi_select":false}]}""";
        using var screen = new Screen(isTerminal: true, "go", "", "exit");
        var agent = new Agent
        {
            Model = ScriptedModelProvider.Create(new Script { Text = "Done: {result}", Calls = [new ScriptedCall("ask_user", JsonElement.Parse(Questions))] }),
            Toolkits = [UserControlToolkit.Create()],
        };

        await agent.RunInteractiveAsync(console: screen.Console, cancellationToken: Stop);

        Assert.Contains("Done: User feedback received", screen.Text, StringComparison.Ordinal);
    }

    private static Agent Calculator() => new()
    {
        Name = "Calculator",
        Model = ScriptedModelProvider.Create(new Script { Text = "The sum is {result}.", Calls = [new ScriptedCall("add", JsonElement.Parse("""{"a": 2, "b": 3}"""))] }),
        Tools = [Tool.Create((int a, int b) => a + b, new ToolOptions { Name = "add", Effect = ToolEffect.Pure })],
    };
}
