using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;

namespace Cluster.Providers.Mcp;

/// <summary>One tool of a server.</summary>
internal sealed class McpFunction : AIFunction
{
    private readonly McpToolSource _source;
    private readonly ModelContextProtocol.Protocol.Tool _tool;
    private readonly ToolEffect _effect;

    private McpFunction(McpToolSource source, ModelContextProtocol.Protocol.Tool tool, string name, ToolEffect effect) =>
        (_source, _tool, Name, _effect) = (source, tool, name, effect);

    public override string Name { get; }

    public override string Description => _tool.Description ?? _tool.Title ?? _tool.Annotations?.Title ?? string.Empty;

    public override JsonElement JsonSchema => _tool.InputSchema;

    /// <summary>Makes tools of what a server has.</summary>
    public static ImmutableArray<Engine.Tools.Tool> Offer(McpToolSource source, McpToolkitOptions options, ImmutableArray<McpClientTool> heard)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. heard.Select(tool => tool.ProtocolTool)
                .Where(tool => (options.Include.IsEmpty || options.Include.Contains(tool.Name)) && !options.Exclude.Contains(tool.Name))
                .Select(tool => Offer(source, options, tool, ToolNames.Claim(names, options.Prefix + tool.Name))),
        ];
    }

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => await _source.CallAsync(
        _tool.Name, new Dictionary<string, object?>(arguments), _effect, arguments.Context?[typeof(RunContext)] as RunContext, cancellationToken);

    private static Engine.Tools.Tool Offer(McpToolSource source, McpToolkitOptions options, ModelContextProtocol.Protocol.Tool tool, string name)
    {
        var hinted = new ToolOptions
        {
            Effect = tool.Annotations is { ReadOnlyHint: true } or { IdempotentHint: true } ? ToolEffect.Pure : ToolEffect.Once,
            Timeout = options.Timeout,
        };
        var offered = Make(hinted);
        return options.Configure?.Invoke(offered) is { } changed && changed != hinted ? Make(changed) : offered;

        Engine.Tools.Tool Make(ToolOptions chosen) => Engine.Tools.Tool.Create(new McpFunction(source, tool, name, chosen.Effect), chosen);
    }
}
