using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using Cluster.Providers.Toolkits;
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
    /// <param name="endpoint">The server.</param>
    /// <param name="secrets">Learns the tokens that are sent.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client disposes of its handlers.")]
    public static HttpClient NewHttpClient(McpEndpoint endpoint, SecretFilter secrets)
    {
        var handler = NewHandler();
        return new HttpClient(endpoint is McpAddress { FindTokenAsync: { } find } ? new TokenHandler(find, secrets, handler) : handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Makes what sends requests of logins, which find their tokens themselves.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client disposes of its handler.")]
    public static HttpClient NewHttpClient() => new(NewHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    private static SocketsHttpHandler NewHandler() => new() { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };

    private static Dictionary<string, string?> Environment(McpCommand command)
    {
        var variables = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (name, value) in command.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }

    /// <summary>Sends the token of a login with each request.</summary>
    private sealed class TokenHandler(Func<CancellationToken, ValueTask<string?>> find, SecretFilter secrets, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (await find(cancellationToken) is { Length: > 0 } token)
            {
                secrets.Add(token);
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
