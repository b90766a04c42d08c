using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Mcp;

/// <summary>The tools of an MCP server.</summary>
public static class McpToolkit
{
    /// <summary>
    /// Makes the toolkit. The server is connected to when the first run needs it, and again when the connection was lost. Outside of a host, which does so by itself,
    /// dispose of <see cref="Toolkit.Source"/> to end the connection and the server's process.
    /// </summary>
    /// <param name="options">The server, and how its tools are offered.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <returns>The toolkit.</returns>
    /// <exception cref="InvalidRequestException">The options cannot be used.</exception>
    public static Toolkit Create(McpToolkitOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Endpoint switch
        {
            McpCommand { Line: [] or ["", ..] } => throw new InvalidRequestException($"The MCP server '{options.Name}' has no command. Name a program."),
            McpAddress { Url: { IsAbsoluteUri: false } or { Scheme: not ("http" or "https") } } =>
                throw new InvalidRequestException($"The address of the MCP server '{options.Name}' is no HTTP address. Correct it."),
            McpAddress { Headers: { } headers } when headers.FirstOrDefault(header => header.Value.Any(letter => letter is < ' ' or > '~')) is { Key: { } name } =>
                throw new InvalidRequestException($"What is sent to the MCP server '{options.Name}' as {name} has characters that no header has. Correct it."),
            McpAddress { Login: not null } address when address.FindTokenAsync is not null || address.Headers.Keys.Contains("Authorization", StringComparer.OrdinalIgnoreCase) =>
                throw new InvalidRequestException($"The MCP server '{options.Name}' has both a login and a token of its own. Take one away."),
            _ => new Toolkit
            {
                Name = options.Name,
                Tools = [],
                Source = NewSource(options, timeProvider ?? TimeProvider.System),
                Instructions = options.Instructions,
            },
        };
    }

    private static IToolSource NewSource(McpToolkitOptions options, TimeProvider timeProvider) => options.Endpoint is McpAddress { Login: not null } address
        ? new McpPersonalSource(options, address, timeProvider)
        : new McpToolSource(options, timeProvider);
}
