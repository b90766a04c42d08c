using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Agents and teams that are written down in YAML: lists under <c>agents</c> and <c>teams</c>, each with the keys that Agno's have.</summary>
public static class AgentDefinitions
{
    /// <summary>Loads the agents and teams of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="known">The tools that they may name.</param>
    /// <returns>The agents in the order of the file, and then the teams.</returns>
    /// <exception cref="InvalidRequestException">The file is missing or wrong; the message names the line, the key and the remedy.</exception>
    public static ImmutableArray<Agent> Load(string path, KnownTools known) => [.. Parse(path).Select(build => build(known))];

    /// <summary>Loads agents and teams from a text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="known">The tools that they may name.</param>
    /// <param name="name">What the text is called in messages.</param>
    /// <returns>The agents in the order of the text, and then the teams.</returns>
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
        var definitions = new DefinitionSet(map);
        map.RefuseOthers();
        return definitions.All;
    }

    private static YamlNode? ReadRoot(TextReader reader, string file)
    {
        var stream = new YamlStream();
        try
        {
            var text = reader.ReadToEnd();
            new YamlBounds(file).Check(text);
            stream.Load(new StringReader(text));
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
}
