using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;
using Cluster.Providers.Definitions;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Providers.Tests.Definitions;

public sealed class TeamDefinitionsTests
{
    private static readonly KnownTools Tools = new([Tool.Create((string who) => $"Hello {who}", new ToolOptions { Name = "greet" })], []);

    [Fact]
    public void Every_key_of_a_team_reaches_its_place()
    {
        var team = Team(
            """
            agents: [{id: ann}]
            teams:
              - name: The Crew
                members: [ann]
                mode: tasks
                max_iterations: 7
                determine_input_for_members: false
                add_team_history_to_members: true
                num_team_history_runs: 5
                share_member_interactions: true
                add_member_tools_to_context: true
                get_member_information_tool: true
                stream_member_events: false
                show_members_responses: true
                max_members_at_once: 2
                model: openai:gpt-5-mini
                description: Leads.
                tools: [greet]
                tool_call_limit: 4
                session_state: {count: 1}
            """);

        Assert.Equal(("the-crew", "The Crew", TeamMode.Tasks, 7), (team.AgentId, team.Name, team.Mode, team.MaxIterations));
        Assert.Equal(
            new DelegationSettings
            {
                DetermineInput = false,
                AddHistory = true,
                HistoryRuns = 5,
                ShareInteractions = true,
                DescribeTools = true,
                InformationTool = true,
                StreamEvents = false,
                ShowResponses = true,
                AtOnce = 2,
            },
            team.Delegation);
        Assert.Equal(("openai:gpt-5-mini", "Leads.", 4, """{"count":1}"""), (team.Model?.Reference, team.Description, team.ToolCalls.Limit, team.SessionState.Initial?.GetRawText()));
        Assert.Equal("greet", Assert.Single(team.Tools).Name);
    }

    [Fact]
    public void A_team_that_says_next_to_nothing_is_like_one_made_in_code()
    {
        var team = Team("agents: [{id: ann}]\nteams: [{name: Crew, members: [ann]}]");

        Assert.Equal(new Team { Name = "Crew" }, team with { Members = [], Tools = [], Toolkits = [] });
    }

    [Fact]
    public void A_team_takes_the_keys_that_an_agent_takes()
    {
        var keys = """
            description: Helps., role: r, model: "openai:gpt-5-mini", system_message: All., expected_output: One., additional_context: It rains., markdown: true,
            add_datetime_to_context: true, add_name_to_context: true, use_instruction_tags: true, add_session_state_to_context: true, enable_agentic_state: true,
            add_history_to_context: true, num_history_runs: 4, add_dependencies_to_context: true, tool_call_limit: 5, tool_choice: auto, retries: 2, delay_between_retries: 0.5,
            reasoning: true, reasoning_max_steps: 3, followups: true, num_followups: 2, use_json_mode: true, parse_response: false, parser_model_prompt: p, output_model_prompt: o,
            store_media: false, store_tool_messages: false, send_media_to_model: false, checkpoint: tool-batch, debug_mode: true, cache_response: true, cache_ttl: 9, tool_timeout: 3
            """.ReplaceLineEndings(" ");
        var all = Load($"agents: [{{id: x, {keys}}}]\nteams: [{{id: x, members: [{{id: y}}], {keys}}}]");

        var blank = new Team { Members = ((Team)all[1]).Members };
        var same = blank with
        {
            Id = "x",
            Description = all[0].Description,
            Role = all[0].Role,
            Model = all[0].Model,
            Prompt = all[0].Prompt,
            SessionState = all[0].SessionState,
            History = all[0].History,
            Dependencies = all[0].Dependencies,
            ToolCalls = all[0].ToolCalls,
            Retry = all[0].Retry,
            Reasoning = all[0].Reasoning,
            Output = all[0].Output,
            Record = all[0].Record,
            Checkpoint = all[0].Checkpoint,
            Debug = all[0].Debug,
            ResponseCache = all[0].ResponseCache,
        };
        Assert.Equal(same, all[1] with { Tools = same.Tools, Toolkits = same.Toolkits });
    }

    [Fact]
    public void Members_are_named_or_written_down_and_may_be_teams()
    {
        var all = Load(
            """
            agents: [{id: ann, role: Writes.}]
            teams:
              - id: outer
                members:
                  - inner
                  - ann
                  - {name: Bob, role: Reads., tools: [greet]}
                  - {id: pair, mode: broadcast, members: [{id: one}, ann]}
              - {id: inner, members: [ann]}
            """);

        var outer = Assert.IsType<Team>(all[1]);
        Assert.Equal(["ann", "outer", "inner"], all.Select(one => one.AgentId));
        Assert.Equal(["inner", "ann", "bob", "pair"], outer.Members.Select(member => member.AgentId));
        Assert.Same(all[0], outer.Members[1]);
        Assert.Same(all[2], outer.Members[0]);
        var pair = Assert.IsType<Team>(outer.Members[3]);
        Assert.Equal((TeamMode.Broadcast, "one ann"), (pair.Mode, string.Join(' ', pair.Members.Select(member => member.AgentId))));
        Assert.Equal(("Reads.", "greet"), (outer.Members[2].Role, outer.Members[2].Tools[0].Name));
    }

    [Theory]
    [InlineData("respond_directly: true", TeamMode.Route)]
    [InlineData("delegate_to_all_members: true", TeamMode.Broadcast)]
    [InlineData("respond_directly: false", TeamMode.Coordinate)]
    [InlineData("mode: route", TeamMode.Route)]
    [InlineData("mode: broadcast\n    delegate_to_all_members: true\n    respond_directly: false", TeamMode.Broadcast)]
    public void The_older_flags_stand_for_modes(string keys, TeamMode mode) =>
        Assert.Equal(mode, Team($"agents: [{{id: ann}}]\nteams:\n  - id: crew\n    members: [ann]\n    {keys}").Mode);

    [Theory]
    [InlineData("mode: solo", "line 5: 'solo' of the team 'crew' is no mode of a team. Write coordinate, route, broadcast or tasks.")]
    [InlineData("respond_directly: true\n    delegate_to_all_members: true", "line 6: The team 'crew' has both 'respond_directly' and 'delegate_to_all_members': one member answers, or all do. Write 'mode: route' or 'mode: broadcast' instead.")]
    [InlineData("mode: coordinate\n    respond_directly: true", "line 6: The team 'crew' has 'mode: coordinate' and 'respond_directly: true', which contradict each other. Take 'respond_directly' away.")]
    [InlineData("mode: broadcast\n    delegate_to_all_members: false", "line 6: The team 'crew' has 'mode: broadcast' and 'delegate_to_all_members: false', which contradict each other. Take 'delegate_to_all_members' away.")]
    [InlineData("max_iterations: 3", "line 5: The team 'crew' has 'max_iterations', which are for the mode tasks. Take it away, or write 'mode: tasks'.")]
    [InlineData("num_team_history_runs: 0", "line 5: 'num_team_history_runs' of the team 'crew' is '0'. Make it a whole number, 1 or more.")]
    [InlineData("share_member_interaction: true", "line 5: The team 'crew' has the unknown key 'share_member_interaction'. Did you mean 'share_member_interactions'?")]
    public void A_setting_that_is_wrong_is_named_with_its_place_and_the_remedy(string keys, string message) =>
        Assert.Equal("team.yaml, " + message, Refusal($"agents: [{{id: ann}}]\nteams:\n  - id: crew\n    members: [ann]\n    {keys}"));

    [Theory]
    [InlineData("teams:\n  - id: crew", "line 2: The team 'crew' has no 'members'. Add the ids of agents or teams of this file, or agents themselves.")]
    [InlineData("agents: [{id: ann}]\nteams:\n  - id: crew\n    members: [anna]", "line 4: The team 'crew' has the unknown member 'anna'. Did you mean 'ann'?")]
    [InlineData("teams:\n  - id: crew\n    members: [crew]", "line 3: The team 'crew' is a member of itself: crew > crew. Take one of them out.")]
    [InlineData(
        "teams:\n  - id: a\n    members: [b]\n  - id: b\n    members:\n      - {id: c, members: [a]}", "line 6: The member 'c' is a member of itself: a > b > c > a. Take one of them out.")]
    [InlineData("agents: [{id: ann}]\nteams:\n  - id: crew\n    members: [ann, {name: Ann}]", "line 4: The team 'crew' has two members with the id 'ann'. Take one away, or give it another id.")]
    [InlineData("agents: [{id: x}]\nteams:\n  - {id: x, members: [{id: y}]}\n  - {id: crew, members: [x]}", "line 4: The team 'crew' has the member 'x', and both an agent and a team have that id. Give one of them another id.")]
    [InlineData("agents: [{id: x}]\nteams:\n  - {id: a, members: [x]}\n  - {id: a, members: [x]}", "line 4: The team 'a' has the id 'a' of the team in line 3. Give one of them another id.")]
    [InlineData("teams:\n  - id: crew\n    members: [{role: Nameless.}]", "line 3: Member 1 of the team 'crew' has neither 'id' nor 'name'. Add one.")]
    [InlineData("agents: [{id: a, mode: route}]", "line 1: The agent 'a' has the unknown key 'mode'. Did you mean 'model'?")]
    public void Members_that_cannot_be_are_named_with_their_place_and_the_remedy(string yaml, string message) => Assert.Equal("team.yaml, " + message, Refusal(yaml));

    [Fact]
    public void Teams_stand_one_inside_the_other_as_deep_as_they_may()
    {
        var nested = Enumerable.Range(1, AgentCatalog.MaxDepth + 1).Aggregate("{id: x}", (inner, depth) => $"{{id: t{depth}, members: [{inner}]}}");

        Assert.StartsWith("team.yaml, line 1: The member 't1' stands inside of 8 teams", Refusal($"teams: [{nested}]"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_team_of_a_file_works()
    {
        var team = Team(
            """
            teams:
              - id: crew
                model: {scripted: {text: "Ann says: {result}", calls: [{tool: delegate_task_to_member, arguments: {member_id: ann, task: "{input}"}}]}}
                members:
                  - {id: ann, model: {scripted: {text: "no to {input}"}}}
            """);

        var output = await team.RunAsync("more work", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((RunStatus.Completed, "Ann says: no to more work"), (output.Status, output.Content!.ToString()));
    }

    [Fact]
    public async Task Teams_of_a_file_are_registered_beside_its_agents()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, "agents: [{id: ann}]\nteams: [{id: crew, members: [ann]}]", TestContext.Current.CancellationToken);
        await using var provider = new ServiceCollection().AddEngine().AddAgentDefinitions(path).BuildServiceProvider();

        var catalog = provider.GetRequiredService<IAgentCatalog>();

        Assert.Equal(("ann", "crew"), (Assert.Single(catalog.Agents).AgentId, Assert.Single(catalog.Teams).AgentId));
        Assert.Same(catalog.Agents[0], catalog.Teams[0].Members[0]);
    }

    private static Team Team(string yaml) => Assert.Single(Load(yaml).OfType<Team>());

    private static string Refusal(string yaml) => Assert.Throws<InvalidRequestException>(() => Load(yaml)).Message;

    private static System.Collections.Immutable.ImmutableArray<Agent> Load(string yaml)
    {
        using var reader = new StringReader(yaml);
        return AgentDefinitions.Load(reader, Tools, "team.yaml");
    }
}
