using System.Text.Json;
using ModelContextProtocol.Authentication;

namespace Cluster.Providers.Mcp;

/// <summary>The tokens of one user for one server, as the protocol's library wants to keep them.</summary>
/// <param name="tokens">Where they are kept.</param>
/// <param name="userId">The user.</param>
/// <param name="server">The server.</param>
internal sealed class McpTokenCache(IMcpTokens tokens, string userId, Uri server) : ITokenCache
{
    private readonly TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets what ends when new tokens are kept.</summary>
    public Task Stored => _stored.Task;

    public async ValueTask StoreTokensAsync(TokenContainer fresh, CancellationToken cancellationToken)
    {
        await tokens.PutAsync(userId, server, JsonSerializer.Serialize(fresh), cancellationToken);
        _stored.TrySetResult();
    }

    public async ValueTask<TokenContainer?> GetTokensAsync(CancellationToken cancellationToken) =>
        await tokens.FindAsync(userId, server, cancellationToken) is { } kept ? JsonSerializer.Deserialize<TokenContainer>(kept) : null;
}
