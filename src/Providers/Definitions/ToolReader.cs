using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Tools;
using Cluster.Providers.Models;
using Microsoft.Extensions.AI;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Reads the tools of an agent.</summary>
/// <param name="known">The tools that may be named.</param>
internal sealed class ToolReader(KnownTools known)
{
    private readonly List<Tool> _tools = [];
    private readonly List<Toolkit> _toolkits = [];

    public ImmutableArray<Tool> Tools => [.. _tools];

    public ImmutableArray<Toolkit> Toolkits => [.. _toolkits];

    /// <summary>Reads the list.</summary>
    /// <param name="agent">The agent's mapping.</param>
    /// <param name="owner">The agent's name, for messages.</param>
    public void Read(YamlMap agent, string owner)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in agent.List("tools"))
        {
            var options = node is YamlScalarNode ? null : agent.Map(node, $"A tool of {YamlError.Within(owner)}");
            var server = FindServer(agent, options);
            var name = server?.Name ?? options?.RequiredText("name") ?? ((YamlScalarNode)node).Value ?? string.Empty;
            if (!seen.Add(name))
            {
                throw agent.Error(node, $"{owner} names the tool '{name}' twice. Take one away.");
            }

            if (server is null)
            {
                Add(agent, node, options, name, owner);
            }
            else
            {
                _toolkits.Add(server.Read(ToolChanges.Read(options!, tools: null)));
            }

            options?.RefuseOthers();
        }
    }

    private McpReader? FindServer(YamlMap agent, YamlMap? options) =>
        options?.Node("mcp") is { } server ? new McpReader(agent.Map(server, "The MCP server"), known) : null;

    private void Add(YamlMap agent, YamlNode node, YamlMap? options, string name, string owner)
    {
        if (known.FindTool(name) is { } tool)
        {
            _tools.Add(options is null ? tool : Vary(tool, ToolChanges.Read(options, [tool])));
            return;
        }

        var toolkit = known.FindToolkit(name) ?? Make(agent, node, options, name) ??
            throw agent.Error(node, $"{owner} names the unknown tool '{name}'. {YamlError.Suggest(name, known.Names)}");
        _toolkits.Add(options is null ? toolkit : Vary(toolkit, options));
    }

    /// <summary>Makes a toolkit with settings of its own. One that is named like its kind needs no <c>toolkit</c>.</summary>
    private Toolkit? Make(YamlMap agent, YamlNode node, YamlMap? options, string name)
    {
        var kind = options?.Text("toolkit") ?? name;
        var settings = options?.Node("settings") is { } given ? agent.Map(given, $"The settings of '{name}'") : null;
        return known.Make(kind, name, settings, message => agent.Error(node, message)) ??
            (kind == name ? null : throw agent.Error(node, $"The tool '{name}' is of the unknown toolkit '{kind}'. {YamlError.Suggest(kind, ToolkitKinds.All.Keys)}"));
    }

    private static Toolkit Vary(Toolkit toolkit, YamlMap options)
    {
        var changes = ToolChanges.Read(options, toolkit.Tools);
        var names = toolkit.Tools.Select(tool => tool.Name).ToArray();
        return toolkit with
        {
            Tools = [.. toolkit.Tools.Select(tool => Vary(tool, changes))],
            Include = Checked("include"),
            Exclude = toolkit.Exclude.AddRange(Checked("exclude")),
        };

        ImmutableArray<string> Checked(string key)
        {
            var chosen = options.Texts(key);
            return chosen.FirstOrDefault(name => !names.Contains(name, StringComparer.Ordinal)) is { } wrong
                ? throw options.Error(options.Node(key)!, $"'{key}' of the toolkit '{toolkit.Name}' names the unknown tool '{wrong}'. {YamlError.Suggest(wrong, names)}")
                : key == "include" && chosen.IsEmpty ? toolkit.Include : chosen;
        }
    }

    private static Tool Vary(Tool tool, ToolChanges changes) =>
        changes.Apply(tool) is var options && options == tool.Options ? tool : Tool.Create(new ToolFunction(tool), options);

    /// <summary>A tool as a function, so that the same tool can be offered under other options.</summary>
    private sealed class ToolFunction(Tool tool) : AIFunction
    {
        public override string Name => tool.Name;

        public override string Description => tool.Description;

        public override JsonElement JsonSchema => tool.AllParameters;

        protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            var context = (RunContext)arguments.Context![typeof(RunContext)]!;
            return await tool.CallAsync(JsonSerializer.SerializeToElement(new Dictionary<string, object?>(arguments), ToolArguments.Compact), context, cancellationToken);
        }
    }
}
