using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Tools;
using Cluster.Providers.Guardrails;
using Cluster.Providers.Mcp;
using Cluster.Providers.Models;
using Microsoft.Extensions.Configuration;

namespace Cluster.Providers.Definitions;

/// <summary>The tools, toolkits and guardrails that definitions may name.</summary>
public sealed class KnownTools
{
    private readonly Dictionary<string, Tool> _tools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Toolkit> _toolkits = new(StringComparer.Ordinal);
    private readonly IConfiguration? _configuration;

    /// <summary>Creates the set. The toolkits that definitions make with settings of their own are always in it, unless something else has their names.</summary>
    /// <param name="tools">The tools, known by their names.</param>
    /// <param name="toolkits">The toolkits, known by their names.</param>
    /// <param name="configuration">Where the secrets of toolkits are, in sections <c>Toolkits:&lt;name&gt;</c>; null for toolkits without secrets.</param>
    /// <exception cref="InvalidRequestException">A name stands for two of them.</exception>
    public KnownTools(IEnumerable<Tool> tools, IEnumerable<Toolkit> toolkits, IConfiguration? configuration = null)
    {
        _configuration = configuration;
        ArgumentNullException.ThrowIfNull(tools);
        ArgumentNullException.ThrowIfNull(toolkits);
        foreach (var tool in tools)
        {
            Claim(tool.Name, _tools.TryAdd(tool.Name, tool));
        }

        foreach (var toolkit in toolkits)
        {
            Claim(toolkit.Name, !_tools.ContainsKey(toolkit.Name) && _toolkits.TryAdd(toolkit.Name, toolkit));
        }
    }

    /// <summary>Gets a set without any tools that were made already.</summary>
    public static KnownTools None { get; } = new([], []);

    /// <summary>Gets the names.</summary>
    public IEnumerable<string> Names => _tools.Keys.Concat(_toolkits.Keys).Union(ToolkitKinds.All.Keys, StringComparer.Ordinal);

    /// <summary>Gets guardrails of your own, known by their names. They stand before those that are built in.</summary>
    public ImmutableArray<IGuardrail> Guardrails { get; init; } = [];

    /// <summary>Gets who begins logins to MCP servers; null where nobody takes their answers.</summary>
    public McpLogins? Logins { get; init; }

    /// <summary>Gets how vendors are called; null for as their environment variables say.</summary>
    internal VendorSurroundings? Surroundings { get; init; }

    internal IGuardrail? FindGuardrail(string name) => Guardrails.FirstOrDefault(guardrail => guardrail.Name == name);

    internal IGuardrail NewModeration(ModerationSettings settings) =>
        Surroundings is null ? OpenAIModeration.Create(settings) : new OpenAIModeration(settings, Surroundings);

    /// <summary>Finds a value of the configuration; null when it is not set.</summary>
    internal string? Setting(string key) => _configuration?[key] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    internal Tool? FindTool(string name) => _tools.GetValueOrDefault(name);

    internal Toolkit? FindToolkit(string name) => _toolkits.GetValueOrDefault(name);

    /// <summary>Makes a toolkit of a definition's own.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="name">Its name in the definition.</param>
    /// <param name="settings">Its settings; null without any.</param>
    /// <param name="refuse">Makes the refusal of it at its place in the file.</param>
    /// <returns>The toolkit; null when there is no such kind.</returns>
    internal Toolkit? Make(string kind, string name, YamlMap? settings, Func<string, InvalidRequestException> refuse)
    {
        if (!ToolkitKinds.All.TryGetValue(kind, out var make))
        {
            return null;
        }

        var made = make(new ToolkitSettings(name, settings, refuse, _configuration));
        settings?.RefuseOthers();
        return made with { Name = name };
    }

    private static void Claim(string name, bool isFree)
    {
        if (!isFree)
        {
            throw new InvalidRequestException($"Two tools or toolkits have the name '{name}'. Give one of them another name.");
        }
    }
}
