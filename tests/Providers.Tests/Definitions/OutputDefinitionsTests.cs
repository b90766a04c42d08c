using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Providers.Definitions;
using Cluster.Providers.Toolkits;

namespace Cluster.Providers.Tests.Definitions;

public sealed class OutputDefinitionsTests
{
    private static readonly KnownTools Tools = new([], [CalculatorToolkit.Create()]);

    [Fact]
    public void What_becomes_of_the_answer_is_read()
    {
        var output = Load(
            """
            output_schema: {title: Movie, type: object, properties: {title: {type: string}}}
            use_json_mode: true
            parse_response: false
            parser_model: openai:small
            parser_model_prompt: Parse it.
            output_model: openai:writer
            output_model_prompt: Word it.
            followups: true
            num_followups: 5
            followup_model: openai:tiny
            """).Output;

        Assert.Equal(("Movie", "dict"), (output.Schema!.Name, output.Schema.ContentType));
        Assert.Equal((true, false), (output.UseJsonMode, output.Parse));
        Assert.Equal(("openai:small", "Parse it."), (output.ParserModel?.Reference, output.ParserModelPrompt));
        Assert.Equal(("openai:writer", "Word it."), (output.OutputModel?.Reference, output.OutputModelPrompt));
        Assert.Equal(new FollowupSettings { Count = 5, Model = output.Followups?.Model }, output.Followups);
        Assert.Equal("openai:tiny", output.Followups?.Model?.Reference);
    }

    [Fact]
    public void An_agent_that_says_nothing_of_its_answer_has_the_defaults()
    {
        var agent = Load("name: A");

        Assert.Equal(OutputSettings.Default, agent.Output);
        Assert.Equal(FallbackSettings.None, agent.Fallbacks);
        Assert.Equal(ToolCallSettings.Default, agent.ToolCalls);
        Assert.Null(agent.ResponseCache);
        Assert.Null(agent.InputSchema);
    }

    [Fact]
    public void A_list_of_fallback_models_is_for_every_failure() =>
        Assert.Equal(["openai:a", "openai:b"], Load("fallback_models: [openai:a, openai:b]").Fallbacks.OnError.Select(model => model.Reference));

    [Fact]
    public void Each_kind_of_failure_may_have_its_fallback_models()
    {
        var fallbacks = Load("fallback_models: {on_error: [openai:a], on_rate_limit: [openai:b], on_context_overflow: [openai:c]}").Fallbacks;

        Assert.Equal("openai:a", fallbacks.OnError.Single().Reference);
        Assert.Equal("openai:b", fallbacks.OnRateLimit.Single().Reference);
        Assert.Equal("openai:c", fallbacks.OnContextLength.Single().Reference);
    }

    [Fact]
    public void How_tools_and_models_are_called_is_read()
    {
        var agent = Load(
            """
            input_schema: {type: object}
            cache_response: true
            cache_ttl: 90
            max_model_calls: 7
            max_parallel_tool_calls: 2
            tool_timeout: 1.5
            max_tool_repetitions: 3
            tools: [{name: calculator, show_result: true, cache_ttl: 60, timeout: 2, external_execution_silent: true}]
            """);

        Assert.Equal(TimeSpan.FromSeconds(90), agent.ResponseCache?.TimeToLive);
        Assert.Equal((7, 2, 3), (agent.ToolCalls.MaxModelCalls, agent.ToolCalls.Parallel, agent.ToolCalls.MaxRepetitions));
        Assert.Equal(TimeSpan.FromSeconds(1.5), agent.ToolCalls.Timeout);
        Assert.NotNull(agent.InputSchema);
        Assert.All(agent.Toolkits.Single().Tools, tool => Assert.Equal(
            (true, true, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(2)),
            (tool.Options.ShowResult, tool.Options.ExternalExecutionSilent, tool.Options.CacheFor!.Value, tool.Options.Timeout!.Value)));
    }

    private static Agent Load(string settings)
    {
        using var reader = new StringReader("agents:\n  - id: a\n" + string.Join('\n', settings.Split('\n').Select(line => "    " + line)));
        return AgentDefinitions.Load(reader, Tools, "team.yaml").Single();
    }
}
