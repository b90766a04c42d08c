using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Cluster.Providers.Mcp;

/// <summary>One connection to a server, from the attempt to make it to its end. The source that made it and each call that uses it keep it open.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task<McpClient> _opening;
    private Task _listening = Task.CompletedTask;
    private Task<ImmutableArray<McpClientTool>>? _listing;
    private McpClient? _client;
    private bool _isLost;
    private int _users = 1;
    private int _isDisposed;

    /// <summary>Begins to connect, off the caller's path.</summary>
    /// <param name="options">The server.</param>
    /// <param name="http">What sends requests.</param>
    /// <param name="timeProvider">The clock.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "A transport holds nothing but the source's client.")]
    public McpConnection(McpToolkitOptions options, HttpClient http, TimeProvider timeProvider) =>
        _opening = OpenAsync(options, McpTransport.Create(options, http), timeProvider);

    /// <summary>Gets a value indicating whether the server was reached.</summary>
    public bool WasOpen => _client is not null;

    /// <summary>Gets a value indicating whether the server may still answer here.</summary>
    public bool IsUsable => !_isLost && !_opening.IsFaulted && !_opening.IsCanceled && _client?.Completion.IsCompleted != true;

    /// <summary>Waits until the server is connected.</summary>
    public Task<McpClient> OpenAsync(CancellationToken cancellationToken) => _opening.WaitAsync(cancellationToken);

    /// <summary>Gives the server's tools, and asks for them when they may have changed.</summary>
    public Task<ImmutableArray<McpClientTool>> ListAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _listing = _listing is null or { IsFaulted: true } or { IsCanceled: true } ? ListAsync() : _listing;
            return _listing.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Notes that the server no longer answers here.</summary>
    public void Lose() => _isLost = true;

    /// <summary>Begins to use the connection.</summary>
    public void Enter() => Interlocked.Increment(ref _users);

    /// <summary>Ends using the connection. The last one closes it.</summary>
    public ValueTask LeaveAsync() => Interlocked.Decrement(ref _users) == 0 ? DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Closes the connection, whoever uses it, and ends the server's process if it has one.</summary>
    public async ValueTask DisposeAsync()
    {
        _isLost = true;
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        await _closing.CancelAsync();
        await Task.WhenAny(_opening);
        if (_client is { } client)
        {
            await client.DisposeAsync();
            await _listening;
        }

        _closing.Dispose();
    }

    private async Task<McpClient> OpenAsync(McpToolkitOptions options, IClientTransport transport, TimeProvider timeProvider)
    {
        await Task.Yield();
        using var limit = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _closing.Token);
        _client = await McpClient.CreateAsync(
            transport,
            new McpClientOptions
            {
                ClientInfo = new Implementation { Name = "agent-cluster", Version = "1.0" },
                InitializationTimeout = options.ConnectTimeout,

                // A server that needs longer to start takes the second greeting, of older protocols, for a mistake.
                DiscoverProbeTimeout = options.ConnectTimeout / 2,
                Handlers = new McpClientHandlers { NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, ForgetToolsAsync)] },
            },
            cancellationToken: either.Token);
        _listening = ListenAsync(_client);
        return _client;
    }

    private async Task<ImmutableArray<McpClientTool>> ListAsync()
    {
        var client = await _opening;
        return [.. await client.ListToolsAsync(cancellationToken: _closing.Token)];
    }

    private ValueTask ForgetToolsAsync(JsonRpcNotification notification, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _listing = null;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Servers of protocol 2026-07-28 and later tell of changes only whoever listens for them. One that does not know how is asked once.</summary>
    private async Task ListenAsync(McpClient client)
    {
        const string FirstWithListening = "2026-07-28";
        if (client.ServerCapabilities.Tools?.ListChanged != true || string.CompareOrdinal(client.NegotiatedProtocolVersion, FirstWithListening) < 0)
        {
            return;
        }

        try
        {
            await client.SendRequestAsync<SubscriptionsListenRequestParams, EmptyResult>(
                RequestMethods.SubscriptionsListen,
                new SubscriptionsListenRequestParams { Notifications = new SubscriptionsListenNotifications { ToolsListChanged = true } },
                McpJsonUtilities.DefaultOptions,
                cancellationToken: _closing.Token);
        }
        catch (Exception ended) when (ended is McpException or IOException or HttpRequestException or JsonException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection ended or the server cannot do it. The tools are asked for again with the next connection.
        }
    }
}
