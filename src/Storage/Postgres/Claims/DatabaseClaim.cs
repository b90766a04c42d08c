using Cluster.Engine.Errors;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Storage.Postgres.Claims;

/// <summary>
/// Keeps processes off a database that would take each other's runs for unfinished. It is claimed before anything else of the program starts, migrations
/// included, by a lock of a session of its own. When that session is lost nothing is written until the claim is there again: others may have it by then.
/// </summary>
public sealed partial class DatabaseClaim : IHostedLifecycleService, IAsyncDisposable
{
    private const string NotYet = "the database is not claimed yet";
    private const string Lost = "the connection that claims the database is lost";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The server takes a moment to notice that a process is gone which was killed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly NpgsqlDataSource _dataSource;
    private readonly DatabaseUse _use;
    private readonly IOptions<PostgresStorageOptions> _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly CancellationTokenSource _stop = new();
    private ClaimConnection? _connection;
    private Task _watch = Task.CompletedTask;
    private volatile string? _missing = NotYet;
    private int _isDisposed;

    /// <summary>Creates the claim.</summary>
    /// <param name="dataSource">The database; one of its connections is kept for the claim.</param>
    /// <param name="use">Whether others may work on it too.</param>
    /// <param name="options">Whether to wait at the start for a server that is away.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Where it reports.</param>
    public DatabaseClaim(NpgsqlDataSource dataSource, DatabaseUse use, IOptions<PostgresStorageOptions> options, TimeProvider timeProvider, ILogger<DatabaseClaim> logger)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        (_dataSource, _use, _options, _timeProvider, _logger) = (dataSource, use, options, timeProvider, logger);
        _name = new PostgresDatabase(dataSource).Name;
    }

    /// <summary>Gets why the database may not be written now, in a few words that anybody may read; null when it may.</summary>
    public string? Missing => _missing;

    /// <summary>Gets how often the claim was taken. Whoever had it in between may have left runs unfinished.</summary>
    public int Times { get; private set; }

    /// <summary>Refuses to write while the claim is not there.</summary>
    /// <exception cref="UnavailableException">It is not.</exception>
    public void Demand()
    {
        if (_missing is { } reason)
        {
            throw new UnavailableException($"Nothing is written to the database of PostgreSQL at {_name}: {reason}.") { Reason = reason };
        }
    }

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (new NpgsqlConnectionStringBuilder(_dataSource.ConnectionString).MaxPoolSize < 2)
        {
            throw new InvalidRequestException("The claim of the database needs a connection of its own: set Maximum Pool Size in the connection string to 2 or more.");
        }

        var began = _timeProvider.GetTimestamp();
        for (var isSaid = false; ; isSaid = true)
        {
            try
            {
                await TakeAsync(cancellationToken);
                _watch = Task.Run(() => WatchAsync(_stop.Token), CancellationToken.None);
                return;
            }
            catch (UnavailableException failure) when (MayWait(failure, began))
            {
                if (!isSaid && failure.Reason != ClaimConnection.ClaimedByOthers)
                {
                    LogWaiting(_logger, failure.Message);
                }
            }

            await Task.Delay(Pause, _timeProvider, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Everything else has stopped by now.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>A task that ends when others may claim the database.</returns>
    public async Task StoppedAsync(CancellationToken cancellationToken) => await DisposeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await LetGoAsync(NotYet);
        _stop.Dispose();
    }

    private bool MayWait(UnavailableException failure, long began) => failure.Reason == ClaimConnection.ClaimedByOthers
        ? _timeProvider.GetElapsedTime(began) < Patience
        : _options.Value.WaitAtStart && !failure.NeedsRepair;

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        _connection = await ClaimConnection.OpenAsync(_dataSource, _use, _name, cancellationToken);
        Times++;
        _missing = null;
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        while (true)
        {
            await Task.Delay(_connection is null ? Pause : Period, _timeProvider, stopping);
            if (_connection is null)
            {
                await TakeAgainAsync(stopping);
            }
            else if (!await _connection.IsHeldAsync(stopping))
            {
                LogLost(_logger, _name);
                await LetGoAsync(Lost);
                await TakeAgainAsync(stopping);
            }
        }
    }

    private async Task TakeAgainAsync(CancellationToken stopping)
    {
        try
        {
            await TakeAsync(stopping);
            LogTaken(_logger, _name);
        }
        catch (UnavailableException failure)
        {
            var reason = failure.Reason == ClaimConnection.ClaimedByOthers ? ClaimConnection.ClaimedByOthers : Lost;
            if (_missing != reason)
            {
                LogNotTaken(_logger, failure.Message);
            }

            _missing = reason;
        }
    }

    private async Task LetGoAsync(string reason)
    {
        _missing = reason;
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    [LoggerMessage(LogLevel.Warning, "The start waits: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "The connection that claims the database of PostgreSQL at {Name} is lost; nothing is written until it is claimed again")]
    private static partial void LogLost(ILogger logger, string name);

    [LoggerMessage(LogLevel.Error, "{Reason}")]
    private static partial void LogNotTaken(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "The database of PostgreSQL at {Name} is claimed again")]
    private static partial void LogTaken(ILogger logger, string name);
}
