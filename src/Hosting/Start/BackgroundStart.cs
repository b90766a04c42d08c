using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.Hosting.Start;

/// <summary>
/// Starts services one after the other while the web server, whose turn is after this one, listens already: whoever asks is told that the process lives and what
/// it waits for. They stop where they would without it, after the web server.
/// </summary>
/// <param name="provider">Has the services, under <see cref="Key"/>.</param>
/// <param name="lifetime">The life of the host, which ends when a service cannot start.</param>
/// <param name="logger">Where it reports.</param>
public sealed partial class BackgroundStart(IServiceProvider provider, IHostApplicationLifetime lifetime, ILogger<BackgroundStart> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>Under which the services are registered that are started here.</summary>
    internal const string Key = "background-start";

    private readonly CancellationTokenSource _stop = new();
    private readonly List<IHostedService> _started = [];
    private Task _start = Task.CompletedTask;
    private volatile bool _isDone;
    private Exception? _failure;

    /// <summary>Gets a value indicating whether everything has started.</summary>
    public bool IsDone => _isDone;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _start = Task.Run(() => RunAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _start.WaitAsync(cancellationToken);
        await StopAllAsync<IHostedLifecycleService>(service => service.StoppingAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => StopAllAsync<IHostedService>(service => service.StopAsync(cancellationToken));

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => StopAllAsync<IHostedLifecycleService>(service => service.StoppedAsync(cancellationToken));

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    /// <summary>Waits for the services. What keeps one from starting, or ended one later, is thrown by <see cref="ThrowIfFailed"/> once the host has stopped.</summary>
    /// <returns>True when all have started; false when one could not, or the process was asked to stop before.</returns>
    internal async Task<bool> WaitAsync()
    {
        await _start;
        return _isDone;
    }

    /// <summary>Throws what ended the process, if anything did.</summary>
    internal void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever it is, it is thrown when the host has stopped.")]
    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var services = provider.GetKeyedServices<IHostedService>(Key).ToArray();
            foreach (var service in services.OfType<IHostedLifecycleService>())
            {
                await service.StartingAsync(cancellationToken);
            }

            foreach (var service in services)
            {
                await service.StartAsync(cancellationToken);
                _started.Add(service);
                _ = service is BackgroundService background ? WatchAsync(background) : null;
            }

            foreach (var service in services.OfType<IHostedLifecycleService>())
            {
                await service.StartedAsync(cancellationToken);
            }

            _isDone = true;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever asked it to stop does not want to know what it had waited for.
        }
        catch (Exception failure)
        {
            End(failure);
        }
    }

    /// <summary>The host ends when a service that it started itself fails at its work, and so it does here.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever it is, it is thrown when the host has stopped.")]
    private async Task WatchAsync(BackgroundService service)
    {
        try
        {
            await (service.ExecuteTask ?? Task.CompletedTask);
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // It was asked to stop.
        }
        catch (Exception failure)
        {
            LogFailed(failure, service.GetType().Name);
            End(failure);
        }
    }

    private void End(Exception failure)
    {
        _failure ??= failure;
        lifetime.StopApplication();
    }

    /// <summary>One that cannot stop does not keep the others from it.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever it is, it is thrown when all were stopped.")]
    private async Task StopAllAsync<TService>(Func<TService, Task> stop)
    {
        var failures = new List<Exception>();
        foreach (var service in _started.OfType<TService>().Reverse())
        {
            try
            {
                await stop(service);
            }
            catch (Exception failure)
            {
                failures.Add(failure);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    [LoggerMessage(LogLevel.Critical, "{Service} failed; the process ends")]
    private partial void LogFailed(Exception failure, string service);
}
