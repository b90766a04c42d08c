using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Memory;
using Cluster.Engine.Scopes;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits;

namespace Cluster.Providers.Mcp;

/// <summary>The tools of one MCP server to which each user logs in: every user has a connection of their own.</summary>
/// <param name="options">The server.</param>
/// <param name="address">Where it is, and how users log in.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class McpPersonalSource(McpToolkitOptions options, McpAddress address, TimeProvider timeProvider) : IPersonalToolSource
{
    /// <summary>Beyond so many users the connection that was not used for longest is closed; its user's next run opens it again.</summary>
    private const int MostConnections = 256;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, McpToolSource> _sources = new(StringComparer.Ordinal);
    private bool _isDisposed;

    /// <inheritdoc/>
    public ImmutableArray<Engine.Tools.Tool> Known => [];

    private McpLogins Logins => address.Login!.Logins;

    /// <inheritdoc/>
    public ImmutableArray<Engine.Tools.Tool> KnownTo(Scope scope)
    {
        lock (_lock)
        {
            return _sources.TryGetValue(Name(scope), out var source) ? source.Known : [];
        }
    }

    /// <inheritdoc/>
    public ValueTask<ImmutableArray<Engine.Tools.Tool>> LoadAsync(CancellationToken cancellationToken = default) => LoadForAsync(new Scope(TenantId.Default, null), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<ImmutableArray<Engine.Tools.Tool>> LoadForAsync(Scope scope, CancellationToken cancellationToken = default)
    {
        var user = Name(scope);
        if (await Logins.FindPageAsync(user, address) is { } waiting)
        {
            throw Asks(waiting);
        }

        var source = await FindAsync(user);
        try
        {
            return await source.LoadAsync(cancellationToken);
        }
        catch (ToolSourceException refused) when (refused.LoginServer is not null)
        {
            if (await AskAsync(user, refused, cancellationToken) is { } page)
            {
                throw Asks(page);
            }
        }

        return await source.LoadAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        McpToolSource[] sources;
        lock (_lock)
        {
            _isDisposed = true;
            sources = [.. _sources.Values];
            _sources.Clear();
        }

        await Task.WhenAll(sources.Select(source => source.DisposeAsync().AsTask()));
    }

    private static string Name(Scope scope)
    {
        var user = string.IsNullOrEmpty(scope.UserId) ? UserMemory.DefaultUserId : scope.UserId;

        // No user's id has a NUL, so no user of the default tenant is named like another tenant's.
        return scope.Tenant == TenantId.Default ? user : $"{scope.Tenant}\0{user}";
    }

    private async ValueTask<McpToolSource> FindAsync(string user)
    {
        McpToolSource? source;
        McpToolSource? oldest = null;
        lock (_lock)
        {
            if (_isDisposed)
            {
                throw new ToolSourceException($"The MCP server '{options.Name}' is not available. This process shuts down.");
            }

            if (!_sources.Remove(user, out source))
            {
                source = new McpToolSource(options with { Endpoint = address with { Login = null, FindTokenAsync = token => FindTokenAsync(user, token) } }, timeProvider);
                if (_sources.Count == MostConnections)
                {
                    oldest = _sources.GetAt(0).Value;
                    _sources.RemoveAt(0);
                }
            }

            _sources.Add(user, source);
        }

        await (oldest?.DisposeAsync() ?? ValueTask.CompletedTask);
        return source;
    }

    /// <summary>Finds the token to send. One whose time is over is renewed first, if that takes no user.</summary>
    private async ValueTask<string?> FindTokenAsync(string user, CancellationToken cancellationToken)
    {
        var cache = new McpTokenCache(Logins.Tokens, user, address.Url);
        var tokens = await cache.GetTokensAsync(cancellationToken);
        var isOver = tokens is { RefreshToken: not null, ExpiresIn: { } seconds } && tokens.ObtainedAt.AddSeconds(seconds) <= timeProvider.GetUtcNow();
        return isOver && await Logins.AskAsync(options, address, user, cancellationToken) is null
            ? (await cache.GetTokensAsync(cancellationToken))?.AccessToken
            : tokens?.AccessToken;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a foreign server does, its tools are missing and the run goes on.")]
    private async Task<Uri?> AskAsync(string user, ToolSourceException refused, CancellationToken cancellationToken)
    {
        try
        {
            return await Logins.AskAsync(options, address, user, cancellationToken).WaitAsync(options.ConnectTimeout, timeProvider, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            var secrets = new SecretFilter(options.Secrets.Concat(address.Secrets));
            throw new ToolSourceException(
                $"The MCP server '{options.Name}' is not available. It asks for a login, and none could be begun. Its tools are missing until it is back.",
                new IOException(secrets.Redact(failure.ToString())))
            {
                LoginServer = refused.LoginServer,
            };
        }
    }

    private ToolSourceException Asks(Uri page) => new($"The MCP server '{options.Name}' asks for a login. Its tools are there for the next run after that.")
    {
        LoginServer = new Uri(address.Url.GetLeftPart(UriPartial.Path)),
        LoginPage = page,
    };
}
