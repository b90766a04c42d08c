using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits;
using ModelContextProtocol;
using ModelContextProtocol.Client;

namespace Cluster.Providers.Mcp;

/// <summary>The tools of one MCP server. It connects when somebody needs them, and again when the connection was lost.</summary>
internal sealed class McpToolSource : IToolSource
{
    private readonly Lock _lock = new();
    private readonly McpToolkitOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly SecretFilter _secrets;
    private readonly HttpClient _http;
    private McpConnection? _connection;
    private (ImmutableArray<McpClientTool> Heard, ImmutableArray<Engine.Tools.Tool> Offered) _tools = ([], []);
    private Failure? _failure;
    private bool _isDisposed;

    /// <summary>Creates the source. Nothing is connected to yet.</summary>
    /// <param name="options">The server.</param>
    /// <param name="timeProvider">The clock.</param>
    public McpToolSource(McpToolkitOptions options, TimeProvider timeProvider)
    {
        (_options, _timeProvider) = (options, timeProvider);
        _secrets = new SecretFilter(options.Secrets.Concat(options.Endpoint.Secrets));
        _http = McpTransport.NewHttpClient(options.Endpoint, _secrets);
    }

    /// <inheritdoc/>
    public ImmutableArray<Engine.Tools.Tool> Known
    {
        get
        {
            lock (_lock)
            {
                return _tools.Offered;
            }
        }
    }

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a foreign server does, its tools are missing and the run goes on.")]
    public async ValueTask<ImmutableArray<Engine.Tools.Tool>> LoadAsync(CancellationToken cancellationToken = default)
    {
        if (_failure is var (known, at, attempt) && _timeProvider.GetElapsedTime(at) < attempt)
        {
            throw known;
        }

        var began = _timeProvider.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            var connection = await EnterAsync();
            try
            {
                return Offer(await connection.ListAsync(cancellationToken).WaitAsync(_options.ConnectTimeout, _timeProvider, cancellationToken));
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                await LoseAsync(connection);
                if (!isFirst || !connection.WasOpen || failure is TimeoutException)
                {
                    throw Remember(Unavailable(failure), began);
                }
            }
            finally
            {
                await connection.LeaveAsync();
            }
        }
    }

    /// <summary>Calls a tool. A call that a lost connection took away is made again if it never left, or if the tool may be called twice.</summary>
    /// <param name="tool">The server's name of it.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="effect">What the tool does.</param>
    /// <param name="context">The run that calls.</param>
    /// <param name="cancellationToken">Stops the call and tells the server so.</param>
    public async Task<ToolResult> CallAsync(
        string tool, IReadOnlyDictionary<string, object?> arguments, ToolEffect effect, RunContext? context, CancellationToken cancellationToken)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var connection = await EnterAsync();
            try
            {
                var client = await OpenAsync(connection, cancellationToken);
                var answer = await client.CallToolAsync(tool, arguments, new McpProgress(_options.Name, tool, _secrets, context), Options(context), cancellationToken);
                return McpAnswer.Read(answer, text => BoundedRead.Shorten(_secrets.Redact(text), _options.MaxLetters, "Ask for less."));
            }
            catch (McpException refusal) when (refusal is McpProtocolException || connection.IsUsable)
            {
                throw new InvalidRequestException($"The MCP server '{_options.Name}' refuses the call. It says: {_secrets.Redact(refusal.Message)}");
            }
            catch (Exception lost) when (!cancellationToken.IsCancellationRequested && IsLoss(lost))
            {
                await LoseAsync(connection);
                if (!isFirst || (effect == ToolEffect.Once && !NeverLeft(lost)))
                {
                    throw Lost(tool, lost);
                }
            }
            finally
            {
                await connection.LeaveAsync();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        McpConnection? last;
        lock (_lock)
        {
            _isDisposed = true;
            last = _connection;
            _connection = null;
        }

        if (last is not null)
        {
            await last.DisposeAsync();
        }

        _http.Dispose();
    }

    private async ValueTask<McpConnection> EnterAsync()
    {
        McpConnection? old;
        McpConnection connection;
        lock (_lock)
        {
            if (_isDisposed)
            {
                throw new ToolSourceException($"The MCP server '{_options.Name}' is not available. This process shuts down.");
            }

            old = _connection is { IsUsable: true } ? null : _connection;
            connection = _connection = _connection is { IsUsable: true } usable ? usable : new McpConnection(_options, _http, _timeProvider);
            connection.Enter();
        }

        await (old?.LeaveAsync() ?? ValueTask.CompletedTask);
        return connection;
    }

    private async ValueTask LoseAsync(McpConnection connection)
    {
        connection.Lose();
        bool isOurs;
        lock (_lock)
        {
            isOurs = ReferenceEquals(_connection, connection);
            _connection = isOurs ? null : _connection;
        }

        if (isOurs)
        {
            await connection.LeaveAsync();
        }
    }

    /// <summary>A failure counts for as long as it took: a server that does not answer does not keep each step of each run waiting.</summary>
    private ToolSourceException Remember(ToolSourceException failure, long began)
    {
        if (failure.LoginServer is not null)
        {
            // Such an answer comes at once, and the next one may be another: somebody logs in.
            return failure;
        }

        var now = _timeProvider.GetTimestamp();
        _failure = new Failure(failure, now, _timeProvider.GetElapsedTime(began, now));
        return failure;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A server that cannot be reached, for whatever reason, is told to the model.")]
    private async Task<McpClient> OpenAsync(McpConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.OpenAsync(cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unavailable(failure);
        }
    }

    /// <summary>The same answer of the server gives the same tools: making them anew costs each step their schemas.</summary>
    private ImmutableArray<Engine.Tools.Tool> Offer(ImmutableArray<McpClientTool> heard)
    {
        lock (_lock)
        {
            if (_tools.Heard != heard)
            {
                _tools = (heard, McpFunction.Offer(this, _options, heard));
            }

            return _tools.Offered;
        }
    }

    private static RequestOptions? Options(RunContext? context) => context?.IdempotencyKey is { } key
        ? new RequestOptions { Meta = new JsonObject { ["idempotency_key"] = key } }
        : null;

    private static bool IsLoss(Exception failure) =>
        failure is IOException or HttpRequestException or JsonException or ObjectDisposedException or McpException or OperationCanceledException;

    /// <summary>A refused connection, a login that is missing and a session that the server no longer knows mean that nothing was done.</summary>
    private static bool NeverLeft(Exception failure) => failure is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError,
    } or HttpRequestException { StatusCode: HttpStatusCode.NotFound or HttpStatusCode.Unauthorized };

    private ToolSourceException Unavailable(Exception failure)
    {
        var reason = failure switch
        {
            TimeoutException or OperationCanceledException => $"It did not answer within {_options.ConnectTimeout.TotalSeconds:0.###} seconds.",
            ClientTransportClosedException { Details: StdioClientCompletionDetails { ExitCode: { } code } } => $"Its process ended with code {code}.",
            IOException { InnerException: System.ComponentModel.Win32Exception start } => start.Message,
            HttpRequestException { StatusCode: HttpStatusCode.Unauthorized } => "It asks for a login.",
            HttpRequestException { StatusCode: { } status } => $"It answered with status {(int)status}.",
            HttpRequestException => "It cannot be reached.",
            _ => "It does not answer as an MCP server does.",
        };
        return new ToolSourceException(
            $"The MCP server '{_options.Name}' is not available. {_secrets.Redact(reason)} Its tools are missing until it is back.",
            new IOException(_secrets.Redact(failure.ToString())))
        {
            LoginServer = failure is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized } && _options.Endpoint is McpAddress { Url: var url }
                ? new Uri(url.GetLeftPart(UriPartial.Path))
                : null,
        };
    }

    private UnavailableException Lost(string tool, Exception lost) => new(
        NeverLeft(lost)
            ? $"The MCP server '{_options.Name}' cannot be reached. '{tool}' was not called."
            : $"The MCP server '{_options.Name}' was lost while '{tool}' worked. Whether it has done its work is not known.",
        new IOException(_secrets.Redact(lost.ToString())))
    {
        IsForCallers = true,
    };

    private sealed record Failure(ToolSourceException Exception, long At, TimeSpan Attempt);
}
