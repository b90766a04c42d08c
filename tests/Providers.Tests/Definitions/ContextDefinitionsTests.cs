using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Errors;
using Cluster.Providers.Definitions;

namespace Cluster.Providers.Tests.Definitions;

public sealed class ContextDefinitionsTests
{
    [Fact]
    public void Every_key_reaches_its_place()
    {
        var agent = Load(
            """
            agents:
              - id: a
                compression_manager:
                  model: openai:gpt-5-mini
                  compress_tool_results_limit: 5
                  compress_token_limit: 9000
                  compress_tool_call_instructions: Be brief.
                context:
                  micro_compaction: {threshold: 0.4, keep_results: 2}
                  auto_compaction: {threshold: 0.7, keep_messages: 6}
                  compaction_tool: true
                  emergency_compaction: false
                  window: 32000
                  model: openai:gpt-5-nano
                send_media_to_model: false
                store_media: false
                store_tool_messages: false
                store_history_messages: true
                save_response_to_file: "answers/{run_id}.md"
            """);

        Assert.Equal(
            new ContextSettings
            {
                Compression = new CompressionSettings { ResultLimit = 5, TokenLimit = 9_000, Model = "openai:gpt-5-mini", Prompt = "Be brief." },
                MicroCompaction = new MicroCompactionSettings { Threshold = 0.4, KeepResults = 2 },
                AutoCompaction = new AutoCompactionSettings { Threshold = 0.7, KeepMessages = 6 },
                CompactionTool = true,
                EmergencyCompaction = false,
                Window = 32_000,
                Model = "openai:gpt-5-nano",
            },
            agent.Context);
        Assert.False(agent.Prompt.SendMedia);
        Assert.Equal(new RecordSettings { Media = false, ToolMessages = false, HistoryMessages = true }, agent.Record);
        Assert.Equal("answers/{run_id}.md", agent.Output.SaveTo);
        Assert.Contains(agent.OfferedTools, tool => tool.Name == "compact_conversation");
    }

    [Fact]
    public void True_stands_for_the_defaults()
    {
        var agent = Load("agents: [{id: a, compress_tool_results: true, context: {micro_compaction: true, auto_compaction: true}}]");

        Assert.Equal(
            new ContextSettings { Compression = new CompressionSettings(), MicroCompaction = new MicroCompactionSettings(), AutoCompaction = AutoCompactionSettings.Default },
            agent.Context);
    }

    [Fact]
    public void False_stands_for_nothing()
    {
        var agent = Load("agents: [{id: a, compress_tool_results: false, compression_manager: {compress_token_limit: 5}, context: {micro_compaction: false, auto_compaction: false}}]");

        Assert.Equal(ContextSettings.Default, agent.Context);
    }

    [Fact]
    public void Additional_input_is_what_a_user_says_unless_it_says_who_speaks()
    {
        var agent = Load(
            """
            agents:
              - id: a
                additional_input:
                  - What is two and two?
                  - {role: assistant, content: Four.}
            """);

        Assert.Equal([("user", "What is two and two?"), ("assistant", "Four.")], agent.Prompt.AdditionalInput.Select(message => (message.Role, message.Content)));
    }

    [Theory]
    [InlineData("context: {micro_compactoin: true}", "unknown key 'micro_compactoin'")]
    [InlineData("context: {auto_compaction: {threshold: 80}}", "Make it a share of the window, 0 to 1.")]
    [InlineData("context: {auto_compaction: {keep: 8}}", "unknown key 'keep'")]
    [InlineData("context: {auto_compaction: often}", "Make it true or false.")]
    [InlineData("compression_manager: {limit: 8}", "unknown key 'limit'")]
    [InlineData("additional_input: [{role: robot, content: hi}]", "'robot' is no role")]
    public void A_mistake_is_named(string key, string message)
    {
        var refusal = Assert.Throws<InvalidRequestException>(() => Load($"agents: [{{id: a, {key}}}]"));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    private static Agent Load(string yaml)
    {
        using var reader = new StringReader(yaml);
        return AgentDefinitions.Load(reader, new KnownTools([], [])).Single();
    }
}
