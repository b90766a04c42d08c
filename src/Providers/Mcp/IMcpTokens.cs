using System.Collections.Concurrent;

namespace Cluster.Providers.Mcp;

/// <summary>Keeps the tokens that logins to MCP servers end with. Whoever has them is that user to that server: keep them as you keep passwords.</summary>
public interface IMcpTokens
{
    /// <summary>Looks tokens up.</summary>
    /// <param name="userId">The user; <c>default</c> when nobody is named.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The tokens as they were put; null without any.</returns>
    ValueTask<string?> FindAsync(string userId, Uri server, CancellationToken cancellationToken = default);

    /// <summary>Keeps tokens in place of earlier ones.</summary>
    /// <param name="userId">The user; <c>default</c> when nobody is named.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="tokens">The tokens, a text whose form is of no concern.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when they are kept.</returns>
    ValueTask PutAsync(string userId, Uri server, string tokens, CancellationToken cancellationToken = default);
}

/// <summary>Keeps tokens in this process and forgets them with it: users log in again after a restart.</summary>
public sealed class MemoryMcpTokens : IMcpTokens
{
    private readonly ConcurrentDictionary<(string UserId, Uri Server), string> _tokens = new();

    /// <inheritdoc/>
    public ValueTask<string?> FindAsync(string userId, Uri server, CancellationToken cancellationToken = default) => ValueTask.FromResult(_tokens.GetValueOrDefault((userId, server)));

    /// <inheritdoc/>
    public ValueTask PutAsync(string userId, Uri server, string tokens, CancellationToken cancellationToken = default)
    {
        _tokens[(userId, server)] = tokens;
        return ValueTask.CompletedTask;
    }
}
