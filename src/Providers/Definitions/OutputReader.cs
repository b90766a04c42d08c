using System.Collections.Immutable;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Reads what becomes of an agent's answer, and which models stand in when its own fails.</summary>
/// <param name="map">The agent's mapping.</param>
/// <param name="owner">What it is called in messages.</param>
internal sealed class OutputReader(YamlMap map, string owner)
{
    public OutputSettings ReadOutput() => new()
    {
        Schema = map.Object("output_schema") is { } schema ? OutputSchema.FromJson(schema) : null,
        UseJsonMode = map.Flag("use_json_mode"),
        Parse = map.OptionalFlag("parse_response") ?? OutputSettings.Default.Parse,
        ParserModel = ModelReader.Read(map, owner, "parser_model"),
        ParserModelPrompt = map.Text("parser_model_prompt"),
        OutputModel = ModelReader.Read(map, owner, "output_model"),
        OutputModelPrompt = map.Text("output_model_prompt"),
        Followups = ReadFollowups(),
        SaveTo = map.Text("save_response_to_file"),
    };

    public ResponseCacheSettings? ReadCache()
    {
        var (isOn, timeToLive) = (map.Flag("cache_response"), map.PositiveSeconds("cache_ttl"));
        return isOn ? new ResponseCacheSettings { TimeToLive = timeToLive ?? new ResponseCacheSettings().TimeToLive } : null;
    }

    /// <summary>A list stands for every kind of failure; a mapping has one list a kind.</summary>
    public FallbackSettings ReadFallbacks() => map.Node("fallback_models") switch
    {
        null => FallbackSettings.None,
        YamlMappingNode node => ReadFallbacks(map.Map(node, $"'fallback_models' of {YamlError.Within(owner)}")),
        _ => new FallbackSettings { OnError = Models(map, "fallback_models") },
    };

    private FollowupSettings? ReadFollowups()
    {
        var (isOn, count, model) = (map.Flag("followups"), map.Integer("num_followups", 1), ModelReader.Read(map, owner, "followup_model"));
        return isOn ? new FollowupSettings { Count = count ?? new FollowupSettings().Count, Model = model } : null;
    }

    private FallbackSettings ReadFallbacks(YamlMap lists)
    {
        var read = new FallbackSettings
        {
            OnError = Models(lists, "on_error"),
            OnRateLimit = Models(lists, "on_rate_limit"),
            OnContextLength = Models(lists, "on_context_overflow"),
        };
        lists.RefuseOthers();
        return read;
    }

    private ImmutableArray<ModelSource> Models(YamlMap from, string key) =>
        [.. from.List(key).Select(node => ModelReader.Read(from, node, owner))];
}
