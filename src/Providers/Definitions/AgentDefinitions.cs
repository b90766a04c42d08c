using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Agents that are written down in YAML: a list under <c>agents</c>, each with the keys that Agno's agents have.</summary>
public static class AgentDefinitions
{
    /// <summary>Loads the agents of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="known">The tools that they may name.</param>
    /// <returns>The agents, in the order of the file.</returns>
    /// <exception cref="InvalidRequestException">The file is missing or wrong; the message names the line, the key and the remedy.</exception>
    public static ImmutableArray<Agent> Load(string path, KnownTools known) => [.. Parse(path).Select(build => build(known))];

    /// <summary>Loads agents from a text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="known">The tools that they may name.</param>
    /// <param name="name">What the text is called in messages.</param>
    /// <returns>The agents, in the order of the text.</returns>
    /// <exception cref="InvalidRequestException">The text is wrong; the message names the line, the key and the remedy.</exception>
    public static ImmutableArray<Agent> Load(TextReader reader, KnownTools known, string name = "agents.yaml") => [.. Parse(reader, name).Select(build => build(known))];

    /// <summary>Reads a file as far as it can be read before the tools are known.</summary>
    internal static ImmutableArray<Func<KnownTools, Agent>> Parse(string path)
    {
        try
        {
            using var reader = File.OpenText(path);
            return Parse(reader, path);
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            throw new InvalidRequestException($"The definitions '{path}' cannot be read: {missing.Message}", missing);
        }
    }

    private static ImmutableArray<Func<KnownTools, Agent>> Parse(TextReader reader, string file)
    {
        if (ReadRoot(reader, file) is not { } root)
        {
            return [];
        }

        var map = new YamlMap(file, "The file", root);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var agents = map.List("agents").Select((node, index) => Define(map, node, index, seen)).ToImmutableArray();
        map.RefuseOthers();
        return agents;
    }

    private static YamlNode? ReadRoot(TextReader reader, string file)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(reader);
        }
        catch (YamlException broken)
        {
            throw new InvalidRequestException($"{file}, line {broken.Start.Line}: {broken.Message} Correct the YAML.", broken);
        }

        return stream.Documents.Count switch
        {
            0 => null,
            1 => stream.Documents[0].RootNode,
            _ => throw YamlError.At(file, stream.Documents[1].RootNode.Start, "The file has a second document. Put all agents into one."),
        };
    }

    private static Func<KnownTools, Agent> Define(YamlMap file, YamlNode node, int index, Dictionary<string, int> seen)
    {
        var map = file.Map(node, $"Agent {index + 1}");
        var owner = (map.Text("id") ?? map.Text("name")) is { } name ? $"The agent '{name}'" : $"Agent {index + 1}";
        var id = new Agent { Id = map.Text("id"), Name = map.Text("name") }.AgentId;
        if (!seen.TryAdd(id, (int)node.Start.Line))
        {
            throw file.Error(node, $"{owner} has the id '{id}' of the agent in line {seen[id]}. Give one of them another id.");
        }

        return known => new AgentReader(file.Map(node, owner), owner).Read(known);
    }
}
