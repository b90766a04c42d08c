using Cluster.Engine.Json;
using Cluster.Engine.Models;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Reads the models of an agent: each a reference, or a script.</summary>
internal static class ModelReader
{
    /// <summary>Reads the model under a key; null when there is none.</summary>
    public static ModelSource? Read(YamlMap agent, string owner, string key = "model") => agent.Node(key) is { } node ? Read(agent, node, owner) : null;

    /// <summary>Reads one model.</summary>
    public static ModelSource Read(YamlMap agent, YamlNode model, string owner)
    {
        switch (model)
        {
            case YamlScalarNode { Value: { } reference } scalar:
                var colon = reference.IndexOf(':', StringComparison.Ordinal);
                return colon > 0 && colon < reference.Length - 1
                    ? reference
                    : throw agent.Error(scalar, $"The model '{reference}' of {YamlError.Within(owner)} is not of the form provider:model, for instance openai:gpt-5-mini.");
            case var node:
                var scripted = agent.Map(node, $"The model of {YamlError.Within(owner)}");
                var script = ReadScript(scripted.Map(scripted.Node("scripted") ?? throw scripted.Error($"The model of {YamlError.Within(owner)} has no 'scripted'. Add it, or write provider:model."), $"The script of {YamlError.Within(owner)}"));
                scripted.RefuseOthers();
                return ScriptedModelProvider.Create(script);
        }
    }

    private static Script ReadScript(YamlMap script)
    {
        var plain = new Script();
        var read = new Script
        {
            Text = script.Text("text") ?? plain.Text,
            Calls = [.. script.List("calls").Select(call => ReadCall(script.Map(call, "A scripted call")))],
            Failure = script.Text("failure"),
            Deltas = script.Integer("deltas", 1) ?? plain.Deltas,
            DelayBefore = script.Seconds("delay_before") ?? plain.DelayBefore,
            DelayBetween = script.Seconds("delay_between") ?? plain.DelayBetween,
        };
        script.RefuseOthers();
        return read;
    }

    private static ScriptedCall ReadCall(YamlMap call)
    {
        var read = new ScriptedCall(call.RequiredText("tool"), call.Object("arguments") ?? EngineJson.EmptyObject);
        call.RefuseOthers();
        return read;
    }
}
