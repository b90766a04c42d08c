using Cluster.Engine.Agents;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

public sealed class TeamPromptTests
{
    private readonly ChannelChatClient _leader = TestTeams.Saying("done");

    private Team Team => TestTeams.Of(_leader, TestTeams.Member("Ann", "x") with { Role = "Helps {customer}." });

    [Fact]
    public async Task The_parts_of_a_leaders_system_message_stand_in_the_order_of_the_contract()
    {
        var team = Team with
        {
            Description = "A crew.",
            Role = "Leads.",
            Instructions = new Instructions { Lines = ["Be short.", "Be kind."] },
            Tools = [Tool.Create(() => 1, new ToolOptions { Name = "one", Instructions = "Use one." })],
            Prompt = new PromptSettings { Markdown = true, ExpectedOutput = "A list.", AdditionalContext = "As it is." },
            SessionState = new SessionStateSettings { Initial = Builders.Json("""{"customer":"Bo"}"""), AddToContext = true },
            Output = new Outputs.OutputSettings { Schema = Outputs.OutputSchema.FromJson(Builders.Json("""{"title":"Out","type":"object","properties":{"a":{"type":"string"}}}""")), UseJsonMode = true },
        };
        await using var engine = new TestEngine(team);

        await engine.RunAsync(engine.NewRequest() with { Input = new RunInput { InputContent = "hi", Files = [new Media { Filename = "plan.txt", Content = "x", MimeType = "text/plain" }] } });

        var text = _leader.Calls[0].SystemText!;
        Assert.StartsWith("You lead a team.", text, StringComparison.Ordinal);
        string[] parts =
        [
            "<team_members>\n<member id=\"ann\" name=\"Ann\">\n  Role: Helps Bo.\n</member>\n</team_members>", "<how_to_respond>", "<description>\nA crew.\n</description>",
            "<your_role>\nLeads.\n</your_role>", "- Be short.\n- Be kind.", "<attached_media>\nThese came with the task. Every member gets them with its own.\n- Files: plan.txt\n</attached_media>",
            "<additional_information>\n- Format the answer as Markdown.", "Use one.", "<expected_output>\nA list.\n</expected_output>",
            "<additional_context>\nAs it is.\n</additional_context>", "<session_state>\n{\"customer\":\"Bo\"}\n</session_state>", "<json_fields>\n[\"a\"]\n</json_fields>",
        ];
        var places = parts.Select(part => text.IndexOf(part, StringComparison.Ordinal)).ToArray();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    [Fact]
    public async Task Placeholders_are_filled_in_the_whole_of_a_leaders_system_message()
    {
        var team = Team with
        {
            Prompt = new PromptSettings { ExpectedOutput = "For {customer}, of {tier} and {nobody}.", AdditionalContext = "{user_id}" },
            SessionState = new SessionStateSettings { Initial = Builders.Json("""{"customer":"Bo"}""") },
            Dependencies = new Dependencies { Values = Builders.Json("""{"tier":"gold"}""") },
        };
        await using var engine = new TestEngine(team);

        await engine.RunAsync(engine.NewRequest() with { UserId = "u7" });

        Assert.EndsWith(
            "<expected_output>\nFor Bo, of gold and {nobody}.\n</expected_output>\n<additional_context>\nu7\n</additional_context>", _leader.Calls[0].SystemText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_system_message_of_its_own_stands_alone()
    {
        await using var engine = new TestEngine(Team with { Prompt = new PromptSettings { SystemMessage = "Just lead." } });

        await engine.RunAsync();

        Assert.Equal(["system: Just lead.", "user: hi"], _leader.Calls[0].Texts);
    }

    [Theory]
    [InlineData(TeamMode.Coordinate, "delegate_task_to_member for each")]
    [InlineData(TeamMode.Route, "delegate_task_to_member once")]
    [InlineData(TeamMode.Broadcast, "delegate_task_to_members once")]
    public async Task The_leader_is_told_how_its_mode_works(TeamMode mode, string expected)
    {
        await using var engine = new TestEngine(Team with { Mode = mode });

        await engine.RunAsync();

        Assert.Contains(expected, _leader.Calls[0].SystemText, StringComparison.Ordinal);
    }
}
