using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Mcp;
using Cluster.Providers.Toolkits.Shell;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Reads the MCP server of an agent.</summary>
/// <param name="map">Its mapping.</param>
/// <param name="known">Finds what placeholders stand for.</param>
internal sealed partial class McpReader(YamlMap map, KnownTools known)
{
    private readonly List<string> _secrets = [];

    /// <summary>Gets the server's name.</summary>
    public string Name { get; } = map.RequiredText("name");

    /// <summary>Makes the toolkit.</summary>
    /// <param name="changes">How the agent offers its tools.</param>
    public Toolkit Read(ToolChanges changes)
    {
        var endpoint = ReadEndpoint();
        var usual = new McpToolkitOptions { Name = Name, Endpoint = endpoint };
        var options = usual with
        {
            Include = map.Texts("include"),
            Exclude = map.Texts("exclude"),
            Prefix = map.Text("prefix") ?? usual.Prefix,
            Instructions = map.Text("instructions"),
            Configure = changes.Apply,
            Timeout = map.PositiveSeconds("timeout") ?? usual.Timeout,
            ConnectTimeout = map.PositiveSeconds("connect_timeout") ?? usual.ConnectTimeout,
            MaxLetters = map.Integer("max_letters", 1) ?? usual.MaxLetters,
            Secrets = [.. _secrets],
        };
        map.RefuseOthers();
        try
        {
            return McpToolkit.Create(options);
        }
        catch (InvalidRequestException unusable)
        {
            throw map.Error(unusable.Message);
        }
    }

    private McpEndpoint ReadEndpoint()
    {
        var (command, url) = (map.Texts("command"), map.Text("url"));
        return (command, url) switch
        {
            ({ IsEmpty: true }, null) => throw map.Error($"The MCP server '{Name}' has neither 'command' nor 'url'. Add one."),
            ({ IsEmpty: false }, null) when map.Node("oauth") is { } login => throw map.Error(login, $"The MCP server '{Name}' is a process, to which nobody logs in. Take 'oauth' away."),
            ({ IsEmpty: false }, not null) => throw map.Error($"The MCP server '{Name}' has both 'command' and 'url'. Take one away."),
            (_, null) => new McpCommand(map.Node("command") is YamlScalarNode ? Split(command[0]) : command) { Environment = Filled("env"), WorkingDirectory = map.Text("cwd") },
            _ => new McpAddress(Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : throw map.Error(map.Node("url")!, $"'{url}' is no address. Write one that begins with http."))
            {
                Headers = Filled("headers"),
                Login = map.Node("oauth") is { } login ? ReadLogin(login) : null,
            },
        };
    }

    private McpLogin ReadLogin(YamlNode node)
    {
        var settings = Filled("oauth");
        var logins = known.Logins ?? throw map.Error(
            node, $"Nobody takes the answers of logins to the MCP server '{Name}' here: 'oauth' works in the server that is one process. Use 'headers', or a token of the application's own.");
        return settings.Keys.FirstOrDefault(key => key is not ("client_id" or "client_secret" or "scopes")) is { } unknown
            ? throw map.Error(node, $"'oauth' of the MCP server '{Name}' has the unknown key '{unknown}'. {YamlError.Suggest(unknown, ["client_id", "client_secret", "scopes"])}")
            : new McpLogin(logins)
            {
                ClientId = settings.GetValueOrDefault("client_id"),
                ClientSecret = settings.GetValueOrDefault("client_secret"),
                Scopes = [.. settings.GetValueOrDefault("scopes", string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            };
    }

    private ImmutableArray<string> Split(string line)
    {
        try
        {
            return [.. CommandLine.Split(line)];
        }
        catch (InvalidRequestException unusable)
        {
            throw map.Error(map.Node("command")!, unusable.Message);
        }
    }

    /// <summary>Reads texts whose placeholders, <c>${key}</c>, stand for values of the configuration. Those are kept out of all that is shown.</summary>
    private ImmutableDictionary<string, string> Filled(string key) => map.TextPairs(key).ToImmutableDictionary(
        pair => pair.Name,
        pair => Placeholder().Replace(pair.Value, found =>
        {
            var value = known.Setting(found.Groups[1].Value) ??
                throw map.Error(map.Node(key)!, $"'{key}' of the MCP server '{Name}' needs '{found.Groups[1].Value}'. Set it in the configuration, or as an environment variable.");
            _secrets.Add(value);
            return value;
        }),
        StringComparer.Ordinal);

    [GeneratedRegex(@"\$\{([^}]+)\}")]
    private static partial Regex Placeholder();
}
