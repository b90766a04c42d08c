using System.Diagnostics.CodeAnalysis;
using System.Web;
using ModelContextProtocol.Authentication;
using ModelContextProtocol.Client;

namespace Cluster.Providers.Mcp;

/// <summary>
/// One login of one user to one server. It asks the server for something, so that the server says how to log in, and waits for the answer that the user's browser
/// brings; the secret that goes with it never leaves this process. Tokens that can be renewed without the user are.
/// </summary>
internal sealed class McpLoginAttempt : IAsyncDisposable
{
    /// <summary>Servers give up logins that take longer.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly TaskCompletionSource<Uri?> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<AuthorizationResult?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ending;
    private readonly Task _work;
    private string? _state;
    private int _isDisposed;

    /// <summary>Begins the attempt, off the caller's path.</summary>
    /// <param name="options">The server.</param>
    /// <param name="address">Where it is, and how users log in.</param>
    /// <param name="userId">The user.</param>
    public McpLoginAttempt(McpToolkitOptions options, McpAddress address, string userId)
    {
        _ending = new CancellationTokenSource(Lifetime, address.Login!.Logins.TimeProvider);
        _work = WorkAsync(options, address, new McpTokenCache(address.Login.Logins.Tokens, userId, address.Url));
    }

    /// <summary>Gets the page to open, or null when there are tokens without asking anybody.</summary>
    public Task<Uri?> Asked => _asked.Task;

    /// <summary>Gets what ends with the attempt, however it ended.</summary>
    public Task Ended => Task.WhenAny(_work);

    /// <summary>Gets a value indicating whether it ended with tokens.</summary>
    public bool Succeeded => _work.IsCompletedSuccessfully;

    /// <summary>Tells whether an answer is the one to this attempt's question.</summary>
    public bool IsAskedWith(string state) => _state == state;

    /// <summary>Takes the answer. The first one counts.</summary>
    /// <param name="answer">The answer.</param>
    public void Take(McpLoginAnswer answer) => _answer.TrySetResult(new AuthorizationResult { Code = answer.Code, State = answer.State, Iss = answer.Issuer });

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            await Ended;
            return;
        }

        await _ending.CancelAsync();
        await Ended;
        _ending.Dispose();
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whoever waits for the page hears of every failure.")]
    private async Task WorkAsync(McpToolkitOptions options, McpAddress address, McpTokenCache cache)
    {
        await Task.Yield();
        try
        {
            using var http = McpTransport.NewHttpClient();
            await using var transport = NewTransport(options, address, cache, http);
            var connecting = ConnectAsync(transport);
            if (await Task.WhenAny(connecting, cache.Stored) == connecting)
            {
                await connecting;
            }

            // There are tokens, or the server wants none: what this connection would be good for is the business of the next one.
            await _ending.CancelAsync();
            await Task.WhenAny(connecting);
            _asked.TrySetResult(null);
        }
        catch (Exception failure)
        {
            _asked.TrySetException(failure);
            _ = _asked.Task.Exception;
            throw;
        }
    }

    private async Task ConnectAsync(HttpClientTransport transport)
    {
        var options = new McpClientOptions { InitializationTimeout = Lifetime, DiscoverProbeTimeout = Lifetime };
        await using var client = await McpClient.CreateAsync(transport, options, cancellationToken: _ending.Token);
    }

    private HttpClientTransport NewTransport(McpToolkitOptions options, McpAddress address, McpTokenCache cache, HttpClient http)
    {
        var login = address.Login!;
        return new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Name = options.Name,
                Endpoint = address.Url,
                TransportMode = HttpTransportMode.StreamableHttp,
                ConnectionTimeout = Lifetime,
                AdditionalHeaders = address.Headers.ToDictionary(),
                OAuth = new ClientOAuthOptions
                {
                    RedirectUri = login.Logins.CallbackUrl,
                    ClientId = login.ClientId,
                    ClientSecret = login.ClientSecret,
                    Scopes = login.Scopes.IsEmpty ? null : [.. login.Scopes],
                    DynamicClientRegistration = new DynamicClientRegistrationOptions { ClientName = "agent-cluster" },
                    TokenCache = cache,
                    AuthorizationCallbackHandler = AskAsync,
                },
            },
            http);
    }

    private Task<AuthorizationResult?> AskAsync(AuthorizationCallbackContext question, CancellationToken cancellationToken)
    {
        _state = HttpUtility.ParseQueryString(question.AuthorizationUri.Query)["state"];
        _asked.TrySetResult(question.AuthorizationUri);
        return _answer.Task.WaitAsync(cancellationToken);
    }
}
