namespace Cluster.Providers.Mcp;

/// <summary>
/// The logins of users to MCP servers that this process has begun, and where their tokens go. The answer to a login has to come to the process that began it:
/// no other one knows the secret that turns it into tokens.
/// </summary>
public sealed class McpLogins : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string UserId, Uri Server), McpLoginAttempt> _attempts = [];
    private bool _isDisposed;

    /// <summary>Creates it.</summary>
    /// <param name="callbackUrl">The address to which browsers bring the answers; whoever serves it calls <see cref="CompleteAsync"/>.</param>
    /// <param name="tokens">Where tokens are kept; null for in this process only.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    public McpLogins(Uri callbackUrl, IMcpTokens? tokens = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(callbackUrl);
        (CallbackUrl, Tokens, TimeProvider) = (callbackUrl, tokens ?? new MemoryMcpTokens(), timeProvider ?? TimeProvider.System);
    }

    /// <summary>Gets the address to which browsers bring the answers.</summary>
    public Uri CallbackUrl { get; }

    internal IMcpTokens Tokens { get; }

    internal TimeProvider TimeProvider { get; }

    /// <summary>Takes the answer to a login, and turns it into tokens.</summary>
    /// <param name="answer">What the browser brought.</param>
    /// <param name="cancellationToken">Stops waiting; the login goes on.</param>
    /// <returns>True when the user is logged in; false when no such login was begun here, it took too long, or the server refused it.</returns>
    public async Task<bool> CompleteAsync(McpLoginAnswer answer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(answer);
        McpLoginAttempt? attempt;
        lock (_lock)
        {
            attempt = string.IsNullOrEmpty(answer.State) ? null : _attempts.Values.FirstOrDefault(one => one.IsAskedWith(answer.State));
        }

        if (attempt is null)
        {
            return false;
        }

        attempt.Take(answer);
        await attempt.Ended.WaitAsync(cancellationToken);
        return attempt.Succeeded;
    }

    /// <summary>Ends the logins that nobody has answered.</summary>
    /// <returns>A task that ends when they have ended.</returns>
    public async ValueTask DisposeAsync()
    {
        McpLoginAttempt[] attempts;
        lock (_lock)
        {
            _isDisposed = true;
            attempts = [.. _attempts.Values];
        }

        foreach (var attempt in attempts)
        {
            await attempt.DisposeAsync();
        }
    }

    /// <summary>Finds the page on which a user was asked to log in and has not yet.</summary>
    internal async ValueTask<Uri?> FindPageAsync(string userId, McpAddress address)
    {
        McpLoginAttempt? attempt;
        lock (_lock)
        {
            attempt = _attempts.GetValueOrDefault((userId, address.Url));
        }

        return attempt is { Asked.IsCompletedSuccessfully: true, Ended.IsCompleted: false } ? await attempt.Asked : null;
    }

    /// <summary>Renews a user's tokens, or asks the user to log in.</summary>
    /// <returns>The page to open; null when there are tokens now.</returns>
    internal Task<Uri?> AskAsync(McpToolkitOptions options, McpAddress address, string userId, CancellationToken cancellationToken)
    {
        var key = (userId, address.Url);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_attempts.TryGetValue(key, out var attempt) || attempt.Ended.IsCompleted)
            {
                _attempts[key] = attempt = new McpLoginAttempt(options, address, userId);
                _ = ForgetAsync(key, attempt);
            }

            return attempt.Asked.WaitAsync(cancellationToken);
        }
    }

    private async Task ForgetAsync((string UserId, Uri Server) key, McpLoginAttempt attempt)
    {
        await attempt.Ended;
        lock (_lock)
        {
            if (_attempts.GetValueOrDefault(key) == attempt)
            {
                _attempts.Remove(key);
            }
        }

        await attempt.DisposeAsync();
    }
}

/// <summary>What a browser brings back from the page on which a user logs in.</summary>
/// <param name="State">What tells the login, from the address's <c>state</c>.</param>
/// <param name="Code">What is turned into tokens, from <c>code</c>; null when the login was refused.</param>
/// <param name="Issuer">Who logged the user in, from <c>iss</c>; null when it does not say.</param>
public sealed record McpLoginAnswer(string? State, string? Code, string? Issuer)
{
    /// <summary>Names the type only: the members are secrets.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => nameof(McpLoginAnswer);
}
