using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Cluster.Providers.Definitions;
using Cluster.Providers.Toolkits;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Providers.Tests.Definitions;

public sealed class AgentDefinitionsTests
{
    private static readonly KnownTools Tools = new(
        [Tool.Create(Greet, new ToolOptions { Name = "greet", Description = "Greets." })], [CalculatorToolkit.Create(), UserControlToolkit.Create()]);

    [Fact]
    public void Every_key_reaches_its_place()
    {
        var agent = Assert.Single(Load(
            """
            agents:
              - id: helper
                name: The Helper
                description: Helps.
                role: assistant
                model: openai:gpt-5-mini
                instructions: [Be brief., Be kind.]
                system_message: All of it.
                resolve_in_context: false
                expected_output: One line.
                additional_context: It rains.
                markdown: true
                add_datetime_to_context: true
                timezone_identifier: UTC
                add_location_to_context: true
                location: Berlin
                add_name_to_context: true
                use_instruction_tags: true
                session_state: {count: 1}
                add_session_state_to_context: true
                enable_agentic_state: true
                overwrite_db_session_state: true
                add_history_to_context: true
                num_history_runs: 4
                num_history_messages: 9
                max_tool_calls_from_history: 0
                dependencies: {city: Rome}
                add_dependencies_to_context: true
                metadata: {team: a}
                tool_call_limit: 5
                tool_choice: auto
                retries: 2
                delay_between_retries: 0.5
                exponential_backoff: true
                temperature: 0.5
                max_tokens: 100
                top_p: 0.9
                seed: 7
                stop: [END, STOP]
                tools: [greet, calculator]
            """));

        Assert.Equal(("helper", "The Helper", "Helps.", "assistant", "openai:gpt-5-mini"), (agent.AgentId, agent.Name, agent.Description, agent.Role, agent.Model?.Reference));
        Assert.Equal(["Be brief.", "Be kind."], agent.Instructions.Lines);
        Assert.Equal(
            new PromptSettings
            {
                SystemMessage = "All of it.",
                ResolveTemplates = false,
                ExpectedOutput = "One line.",
                AdditionalContext = "It rains.",
                Markdown = true,
                AddDateTime = true,
                TimeZone = "UTC",
                Location = "Berlin",
                AddName = true,
                UseInstructionTags = true,
            },
            agent.Prompt);
        Assert.Equal(("""{"count":1}""", true, true), (agent.SessionState.Initial?.GetRawText(), agent.SessionState.AddToContext, agent.SessionState.Agentic));
        Assert.True(agent.SessionState.OverwriteStored);
        Assert.Equal(new HistorySettings { AddToContext = true, Runs = 4, Messages = 9, MaxToolCalls = 0 }, agent.History);
        Assert.Equal(("""{"city":"Rome"}""", true, """{"team":"a"}"""), (agent.Dependencies.Values?.GetRawText(), agent.Dependencies.AddToContext, agent.Metadata?.GetRawText()));
        Assert.Equal(new ToolCallSettings { Limit = 5, Choice = "auto" }, agent.ToolCalls);
        Assert.Equal(new RetrySettings { Retries = 2, Delay = TimeSpan.FromSeconds(0.5), ExponentialBackoff = true }, agent.Retry);
        Assert.Equal((0.5f, 100), (agent.ModelOptions?.Temperature, agent.ModelOptions?.MaxOutputTokens));
        Assert.Equal((0.9f, 7L), (agent.ModelOptions?.TopP, agent.ModelOptions?.Seed));
        Assert.Equal(["END", "STOP"], agent.ModelOptions?.StopSequences);
        Assert.Equal(["greet", "add", "subtract", "multiply", "divide", "update_session_state"], agent.OfferedTools.Select(tool => tool.Name));
    }

    [Fact]
    public void An_agent_that_says_next_to_nothing_is_like_one_made_in_code()
    {
        var agent = Assert.Single(Load("agents: [{name: Plain One}]"));

        Assert.Equal(new Agent { Name = "Plain One" }, agent with { Tools = [], Toolkits = [] });
        Assert.Empty(agent.OfferedTools);
        Assert.Equal("plain-one", agent.AgentId);
    }

    [Fact]
    public void Values_keep_their_types()
    {
        var agent = Assert.Single(Load(
            """
            agents:
              - id: a
                session_state: {i: 7, neg: -3, hex: 0x1F, f: 1.0, e: 1.5e3, t: true, n: null, empty: , s: text, q: "7", b: 'true', date: 2026-01-02, list: [1, a, [ ]], map: {k: ~}}
            """));

        Assert.Equal(
            """{"i":7,"neg":-3,"hex":31,"f":1.0,"e":1500.0,"t":true,"n":null,"empty":null,"s":"text","q":"7","b":"true","date":"2026-01-02","list":[1,"a",[]],"map":{"k":null}}""",
            agent.SessionState.Initial?.GetRawText());
    }

    [Fact]
    public void Tools_are_varied_without_touching_the_ones_that_are_registered()
    {
        var agents = Load(
            """
            agents:
              - id: careful
                tools:
                  - {name: greet, requires_confirmation: true, effect: keyed}
                  - {name: calculator, include: [add, divide], exclude: divide, effect: once}
              - id: plain
                tools: [greet, calculator]
            """);

        Assert.Equal(
            [("greet", true, ToolEffect.Keyed), ("add", false, ToolEffect.Once)],
            agents[0].OfferedTools.Select(tool => (tool.Name, tool.Options.RequiresConfirmation, tool.Options.Effect)));
        Assert.Equal(
            [("greet", false, ToolEffect.Once), ("add", false, ToolEffect.Pure)],
            agents[1].OfferedTools.Take(2).Select(tool => (tool.Name, tool.Options.RequiresConfirmation, tool.Options.Effect)));
    }

    [Fact]
    public void Tools_ask_humans_go_outside_and_end_runs_when_an_agent_says_so()
    {
        var agent = Assert.Single(Load(
            """
            agents:
              - id: careful
                tools:
                  - {name: greet, requires_user_input: true, stop_after_tool_call: true}
                  - {name: calculator, include: [add, divide], user_input_fields: b, external_execution: true}
            """));

        var tools = agent.OfferedTools.ToArray();
        Assert.Equal(["greet", "add", "divide"], tools.Select(tool => tool.Name));
        Assert.Empty(tools[0].Options.UserInputFields!.Value);
        Assert.DoesNotContain("who", tools[0].Parameters.GetRawText(), StringComparison.Ordinal);
        Assert.Equal((true, false), (tools[0].Options.StopAfterCall, tools[0].Options.ExternalExecution));
        Assert.Equal(["b"], tools[1].Options.UserInputFields!.Value);
        Assert.Equal((false, true), (tools[2].Options.StopAfterCall, tools[2].Options.ExternalExecution));
    }

    [Fact]
    public void Tools_wait_for_approvals_and_models_may_ask_the_user()
    {
        var agent = Assert.Single(Load(
            """
            agents:
              - id: careful
                tools:
                  - {name: greet, approval_type: required, approval_timeout: 3600}
                  - {name: calculator, include: [add], approval_type: audit, requires_confirmation: true}
                  - user_control_flow
            """));

        var tools = agent.OfferedTools.ToArray();
        Assert.Equal((ApprovalType.Required, true, TimeSpan.FromHours(1)), (tools[0].Options.ApprovalType, tools[0].Options.RequiresConfirmation, tools[0].Options.ApprovalTimeout));
        Assert.Equal((ApprovalType.Audit, true, null), (tools[1].Options.ApprovalType, tools[1].Options.RequiresConfirmation, tools[1].Options.ApprovalTimeout));
        Assert.Equal(["get_user_input", "ask_user"], tools[2..].Select(tool => tool.Name));
    }

    [Theory]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, user_input_fields: [whom]}]", "line 3: 'user_input_fields' names the unknown argument 'whom'. Did you mean 'who'?")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, user_input_fields: [who], requires_user_input: false}]", "line 3: 'user_input_fields' names arguments, and 'requires_user_input' asks for none. Take one of them away.")]
    [InlineData("agents:\n  - id: a\n    instrutions: x", "line 3: The agent 'a' has the unknown key 'instrutions'. Did you mean 'instructions'?")]
    [InlineData("agent: []", "line 1: The file has the unknown key 'agent'. Did you mean 'agents'?")]
    [InlineData("- id: a", "line 1: The file is not a mapping. Write 'key: value' lines.")]
    [InlineData("agents: {id: a}", "line 1: 'agents' of the file is a mapping. Make it a list.")]
    [InlineData("agents:\n  - id: a\n    markdown: yes", "line 3: 'markdown' of the agent 'a' is 'yes'. Make it true or false.")]
    [InlineData("agents:\n  - id: a\n    retries: -1", "line 3: 'retries' of the agent 'a' is '-1'. Make it a whole number, 0 or more.")]
    [InlineData("agents:\n  - id: a\n    num_history_runs: \"3\"", "line 3: 'num_history_runs' of the agent 'a' is '3'. Make it a whole number, 1 or more.")]
    [InlineData("agents:\n  - id: a\n    session_state: [1]", "line 3: 'session_state' of the agent 'a' is a list. Make it a mapping.")]
    [InlineData("agents:\n  - description: x", "line 2: Agent 1 has neither 'id' nor 'name'. Add one.")]
    [InlineData("agents:\n  - id: the-a\n  - name: The A", "line 3: The agent 'The A' has the id 'the-a' of the agent in line 2. Give one of them another id.")]
    [InlineData("agents:\n  - id: a\n    tools: [calculatr]", "line 3: The agent 'a' names the unknown tool 'calculatr'. Did you mean 'calculator'?")]
    [InlineData("agents:\n  - id: a\n    tools: [greet, greet]", "line 3: The agent 'a' names the tool 'greet' twice. Take one away.")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: calculator, include: [ad]}]", "line 3: 'include' of the toolkit 'calculator' names the unknown tool 'ad'. Did you mean 'add'?")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, approval_type: maybe}]", "line 3: 'maybe' is no type of approvals. Write required or audit.")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, approval_type: audit}]", "line 3: An audit needs something to decide about. Add requires_confirmation, requires_user_input or external_execution.")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, effect: never}]", "line 3: 'never' is no effect of a tool. Write pure, keyed or once.")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, include: [x]}]", "line 3: A tool of the agent 'a' has the unknown key 'include'. Known are: approval_timeout, approval_type, cache_ttl, effect, external_execution, external_execution_silent, mcp, name, requires_confirmation, requires_user_input, show_result, stop_after_tool_call, timeout, user_input_fields.")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, timeout: 0}]", "line 3: 'timeout' of a tool of the agent 'a' is '0'. Make it a number of seconds above 0.")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, cache_ttl: 0}]", "line 3: 'cache_ttl' of a tool of the agent 'a' is '0'. Make it a number of seconds above 0.")]
    [InlineData("agents:\n  - id: a\n    tools: [{name: greet, approval_type: required, approval_timeout: 0}]", "line 3: 'approval_timeout' of a tool of the agent 'a' is '0'. Make it a number of seconds above 0.")]
    [InlineData("agents:\n  - id: a\n    cache_response: true\n    cache_ttl: 0", "line 4: 'cache_ttl' of the agent 'a' is '0'. Make it a number of seconds above 0.")]
    [InlineData("agents:\n  - id: a\n    tool_timeout: 0.0", "line 3: 'tool_timeout' of the agent 'a' is '0.0'. Make it a number of seconds above 0.")]
    [InlineData("agents:\n  - id: a\n    model: gpt-5", "line 3: The model 'gpt-5' of the agent 'a' is not of the form provider:model, for instance openai:gpt-5-mini.")]
    [InlineData("agents:\n  - id: a\n    timezone_identifier: Mars", "line 3: 'Mars' is no time zone. Write an IANA name, for instance Europe/Berlin.")]
    [InlineData("agents:\n  - id: a\n    add_location_to_context: true", "line 3: The agent 'a' adds a location and has none. Add 'location', nothing looks it up.")]
    public void A_mistake_is_named_with_its_place_and_the_remedy(string yaml, string message)
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => Load(yaml));

        Assert.Equal("team.yaml, " + message, refusal.Message);
    }

    [Theory]
    [InlineData("agents:\n  - id: a\n    id: b")]
    [InlineData("agents:\n  - id: [")]
    public void Broken_YAML_is_named_with_its_line(string yaml)
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => Load(yaml));

        Assert.Matches(@"^team\.yaml, line [23]: .+ Correct the YAML\.$", refusal.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.StartsWith(
            "The definitions '/nowhere/agents.yaml' cannot be read: ",
            Assert.Throws<InvalidRequestException>(() => new ServiceCollection().AddAgentDefinitions("/nowhere/agents.yaml")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("runs", CheckpointMode.Runs)]
    [InlineData("tool-batch", CheckpointMode.ToolBatch)]
    public void Checkpoints_are_named_as_Agno_names_them(string name, CheckpointMode mode) =>
        Assert.Equal(mode, Assert.Single(Load($"agents:\n  - id: a\n    checkpoint: {name}\n")).Checkpoint);

    [Fact]
    public void A_kind_of_checkpoint_that_does_not_exist_is_refused() =>
        Assert.Contains("'tools' is no kind of checkpoint", Assert.Throws<InvalidRequestException>(() => Load("agents:\n  - id: a\n    checkpoint: tools\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_empty_file_defines_nothing() => Assert.Empty(Load(string.Empty));

    private static System.Collections.Immutable.ImmutableArray<Agent> Load(string yaml)
    {
        using var reader = new StringReader(yaml);
        return AgentDefinitions.Load(reader, Tools, "team.yaml");
    }

    private static string Greet(string who) => $"Hello {who}";
}
