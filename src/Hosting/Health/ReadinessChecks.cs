using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Microsoft.Extensions.Logging;

namespace Cluster.Hosting.Health;

/// <summary>Asks everything that readiness depends on.</summary>
/// <param name="readiness">Whether work is wanted at all.</param>
/// <param name="checks">What the process cannot work without.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where failures are reported.</param>
internal sealed partial class ReadinessChecks(
    Readiness readiness, IEnumerable<IReadinessCheck> checks, TimeProvider timeProvider, ILogger<ReadinessChecks> logger)
{
    private readonly IReadinessCheck[] _checks = [.. checks];

    /// <summary>Asks all checks at the same time.</summary>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>What is not ready and why, by name; empty when everything is.</returns>
    public async Task<IReadOnlyDictionary<string, string>> NotReadyAsync(CancellationToken cancellationToken)
    {
        // A process that starts or stops is not asked further, because its parts come and go now; one that waits says what for.
        (string Name, string? Reason) process = ("process", readiness.Reason);
        var asked = process.Reason is null || readiness.IsWaiting ? _checks : [];
        var answers = await Task.WhenAll(asked.Select(check => AskAsync(check, cancellationToken)));
        return answers.Prepend(process).Where(answer => answer.Reason is not null).GroupBy(answer => answer.Name).ToDictionary(name => name.Key, name => name.First().Reason!);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A check that fails in whatever way means that the process is not ready, which is an answer.")]
    private async Task<(string Name, string? Reason)> AskAsync(IReadinessCheck check, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(check.Timeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            return (check.Name, await check.CheckAsync(stop.Token).AsTask().WaitAsync(stop.Token));
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested)
        {
            return (check.Name, $"no answer in {check.Timeout.TotalSeconds:0.###} seconds");
        }
        catch (UnavailableException unavailable)
        {
            LogUnavailable(check.Name, unavailable.Message);
            return (check.Name, "not available");
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(failure, check.Name);
            return (check.Name, "the check failed");
        }
    }

    [LoggerMessage(LogLevel.Warning, "Not ready, {Check} is not available: {Reason}")]
    private partial void LogUnavailable(string check, string reason);

    [LoggerMessage(LogLevel.Warning, "The readiness check {Check} failed")]
    private partial void LogFailed(Exception failure, string check);
}
