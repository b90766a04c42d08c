using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Contexts;
using Cluster.Engine.Messages;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Reads what the model is shown of a long run, what is stored of it, and the messages that every run begins with.</summary>
/// <param name="map">The agent's mapping.</param>
/// <param name="owner">What it is called in messages.</param>
internal sealed class ContextReader(YamlMap map, string owner)
{
    public ContextSettings ReadContext()
    {
        var compression = ReadCompression();
        var context = map.Node("context") switch
        {
            null => ContextSettings.Default,
            var node => ReadContext(map.Map(node, $"'context' of {YamlError.Within(owner)}")),
        };
        return context with { Compression = compression };
    }

    public RecordSettings ReadRecord() => new()
    {
        Media = map.OptionalFlag("store_media") ?? RecordSettings.Default.Media,
        ToolMessages = map.OptionalFlag("store_tool_messages") ?? RecordSettings.Default.ToolMessages,
        HistoryMessages = map.Flag("store_history_messages"),
    };

    /// <summary>A text is what a user says; a mapping says who speaks.</summary>
    public ImmutableArray<Message> ReadAdditionalInput() =>
        map.List("additional_input") is { Count: > 0 } nodes ? [.. nodes.Select(ReadMessage)] : [];

    private Message ReadMessage(YamlNode node)
    {
        if (node is YamlScalarNode { Value: { } text })
        {
            return new Message { Id = Guid.NewGuid().ToString(), Role = MessageRole.User, Content = text };
        }

        var message = map.Map(node, $"A message of 'additional_input' of {YamlError.Within(owner)}");
        var (role, content) = (message.RequiredText("role"), message.RequiredText("content"));
        message.RefuseOthers();
        return role is MessageRole.System or MessageRole.User or MessageRole.Assistant
            ? new Message { Id = Guid.NewGuid().ToString(), Role = role, Content = content }
            : throw map.Error(message.Node("role")!, $"'{role}' is no role of a message in 'additional_input' of {YamlError.Within(owner)}. Write system, user or assistant.");
    }

    private CompressionSettings? ReadCompression()
    {
        var isOn = map.OptionalFlag("compress_tool_results");
        if (map.Node("compression_manager") is not { } node)
        {
            return isOn == true ? new CompressionSettings() : null;
        }

        var compression = map.Map(node, $"'compression_manager' of {YamlError.Within(owner)}");
        isOn ??= compression.OptionalFlag("compress_tool_results");
        var settings = new CompressionSettings
        {
            ResultLimit = compression.Integer("compress_tool_results_limit", 1),
            TokenLimit = compression.Integer("compress_token_limit", 1),
            Model = ModelReader.Read(compression, owner),
            Prompt = compression.Text("compress_tool_call_instructions"),
        };
        compression.RefuseOthers();
        return isOn ?? true ? settings : null;
    }

    private ContextSettings ReadContext(YamlMap context)
    {
        var read = new ContextSettings
        {
            MicroCompaction = ReadPart(context, "micro_compaction", part => new MicroCompactionSettings
            {
                Threshold = Share(part) ?? new MicroCompactionSettings().Threshold,
                KeepResults = part.Integer("keep_results", 0) ?? new MicroCompactionSettings().KeepResults,
            }),
            AutoCompaction = ReadPart(context, "auto_compaction", part => new AutoCompactionSettings
            {
                Threshold = Share(part) ?? AutoCompactionSettings.Default.Threshold,
                KeepMessages = part.Integer("keep_messages", 1) ?? AutoCompactionSettings.Default.KeepMessages,
            }),
            CompactionTool = context.Flag("compaction_tool"),
            EmergencyCompaction = context.OptionalFlag("emergency_compaction") ?? ContextSettings.Default.EmergencyCompaction,
            Window = context.Integer("window", 1_000),
            Model = ModelReader.Read(context, owner),
        };
        context.RefuseOthers();
        return read;
    }

    /// <summary>Reads true or false, or a mapping of what differs from the defaults.</summary>
    private T? ReadPart<T>(YamlMap context, string key, Func<YamlMap, T> read)
        where T : class
    {
        if (context.Node(key) is not { } node)
        {
            return null;
        }

        if (node is not YamlMappingNode)
        {
            return context.Flag(key) ? read(context.Map(new YamlMappingNode(), key)) : null;
        }

        var part = context.Map(node, $"'{key}' of {YamlError.Within(owner)}");
        var settings = read(part);
        part.RefuseOthers();
        return settings;
    }

    private double? Share(YamlMap part) => part.Number("threshold") is not { } share ? null
        : share <= 1 ? share
        : throw part.Error(part.Node("threshold")!, $"'threshold' of {YamlError.Within(owner)} is {share}. Make it a share of the window, 0 to 1.");
}
