using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Terminal.Tests;

public sealed class TeamPrintTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_terminal_shows_to_whom_a_team_delegates_and_only_its_own_words()
    {
        using var screen = new Screen(isTerminal: true);

        await Crew().PrintResponseAsync("Tell me", console: screen.Console, cancellationToken: Stop);

        var last = screen.Text[screen.Text.LastIndexOf("Message", StringComparison.Ordinal)..];
        Assert.Contains("delegate_task_to_member(member_id=\"ann\", task=\"Tell me\")", last, StringComparison.Ordinal);
        Assert.Contains("It says once.", last, StringComparison.Ordinal);
        Assert.DoesNotContain("─Ann─", last, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_terminal_shows_what_members_answer_when_the_team_or_the_caller_wants_it(bool streamsEvents)
    {
        using var screen = new Screen(isTerminal: true);
        var team = Crew() with { Delegation = new DelegationSettings { ShowResponses = true, StreamEvents = streamsEvents } };

        await team.PrintResponseAsync("Tell me", console: screen.Console, cancellationToken: Stop);

        var last = screen.Text[screen.Text.LastIndexOf("Message", StringComparison.Ordinal)..];
        Assert.Matches("─Ann─+╮\n│ once ", last.Replace("\r", string.Empty, StringComparison.Ordinal));
        Assert.Contains("It says once.", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_output_tells_members_apart()
    {
        using var screen = new Screen(isTerminal: false);

        await Crew().PrintResponseAsync("Tell me", new PrintOptions { ShowMembers = true }, screen.Console, Stop);

        Assert.Equal("[Ann: once]\n[delegate_task_to_member(member_id=\"ann\", task=\"Tell me\") → once]\nIt says once.\n", screen.Text);
    }

    [Fact]
    public async Task Plain_output_of_a_team_that_routes_is_the_members_answer()
    {
        using var screen = new Screen(isTerminal: false);

        await (Crew() with { Mode = TeamMode.Route }).PrintResponseAsync("Tell me", new PrintOptions { ShowToolCalls = false }, screen.Console, Stop);

        Assert.Equal("once\n", screen.Text);
    }

    [Fact]
    public async Task Plain_output_tells_about_calls_in_lines_of_their_own()
    {
        using var screen = new Screen(isTerminal: false);

        await (Crew() with { Mode = TeamMode.Route }).PrintResponseAsync("Tell me", console: screen.Console, cancellationToken: Stop);

        Assert.Equal("once\n[delegate_task_to_member(member_id=\"ann\", task=\"Tell me\") → once]\n\n", screen.Text);
    }

    [Fact]
    public async Task A_member_that_fails_is_no_error_of_the_team()
    {
        using var screen = new Screen(isTerminal: false);
        var team = Crew() with { Members = [new Agent { Name = "Ann", Model = ScriptedModelProvider.Create(new Script { Failure = "down" }) }] };

        await team.PrintResponseAsync("Tell me", new PrintOptions { ShowToolCalls = false, ShowMembers = true }, screen.Console, Stop);

        Assert.Equal("[Ann: Error: down]\nIt says down.\n", screen.Text);
    }

    [Fact]
    public async Task A_chat_asks_about_calls_that_members_wait_for()
    {
        using var screen = new Screen(isTerminal: true, "go", "y", "exit");
        var deleter = new Agent
        {
            Name = "Ann",
            Model = ScriptedModelProvider.Create(new Script { Text = "did: {result}", Calls = [new ScriptedCall("delete", JsonElement.Parse("""{"path":"/tmp/a.txt"}"""))] }),
            Tools = [Tool.Create((string path) => $"Deleted {path}", new ToolOptions { Name = "delete", RequiresConfirmation = true })],
        };

        await (Crew() with { Members = [deleter] }).RunInteractiveAsync(console: screen.Console, cancellationToken: Stop);

        Assert.Contains("Talking with crew", screen.Text, StringComparison.Ordinal);
        Assert.Contains("Ann: delete(path=\"/tmp/a.txt\")", screen.Text, StringComparison.Ordinal);
        Assert.Contains("It says did: Deleted /tmp/a.txt.", screen.Text, StringComparison.Ordinal);
    }

    private static Team Crew() => new()
    {
        Name = "Crew",
        Model = ScriptedModelProvider.Create(new Script
        {
            Text = "It says {result}.",
            Calls = [new ScriptedCall("delegate_task_to_member", JsonElement.Parse("""{"member_id":"ann","task":"{input}"}"""))],
        }),
        Members = [new Agent { Name = "Ann", Model = ScriptedModelProvider.Create(new Script { Text = "once" }) }],
    };
}
