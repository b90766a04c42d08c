using ModelContextProtocol.Client;

namespace Cluster.Providers.Mcp;

/// <summary>The ways to an MCP server.</summary>
internal static class McpTransport
{
    /// <summary>Makes the way to a server. Nothing is connected to yet.</summary>
    /// <param name="options">The server.</param>
    /// <param name="http">What sends requests.</param>
    public static IClientTransport Create(McpToolkitOptions options, HttpClient http) => options.Endpoint switch
    {
        McpCommand command => new StdioClientTransport(new StdioClientTransportOptions
        {
            Name = options.Name,
            Command = command.Line[0],
            Arguments = [.. command.Line.Skip(1)],
            WorkingDirectory = command.WorkingDirectory,
            InheritEnvironmentVariables = false,
            EnvironmentVariables = Environment(command),
        }),
        McpAddress address => new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Name = options.Name,
                Endpoint = address.Url,
                TransportMode = HttpTransportMode.StreamableHttp,
                ConnectionTimeout = options.ConnectTimeout,
                AdditionalHeaders = address.Headers.ToDictionary(),
            },
            http),
        var other => throw new NotSupportedException($"{other.GetType().Name} is no way to an MCP server."),
    };

    /// <summary>Makes what sends requests. It follows no redirect, which would carry the headers to another server.</summary>
    public static HttpClient NewHttpClient()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        return new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static Dictionary<string, string?> Environment(McpCommand command)
    {
        var variables = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (name, value) in command.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }
}
