using System.Reflection;
using Cluster.Engine.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Cluster.Hosting.Telemetry;

/// <summary>What is sent, and as whom.</summary>
/// <param name="ServiceName">The name of this kind of process, unless <c>OTEL_SERVICE_NAME</c> says otherwise.</param>
/// <param name="Configuration">The configuration that OpenTelemetry reads.</param>
internal sealed record TelemetryExportSettings(string ServiceName, IConfiguration Configuration);

/// <summary>Sends traces and metrics over OTLP from before the first hosted service starts until after the last one has stopped.</summary>
/// <param name="settings">What is sent.</param>
/// <param name="logger">Where it reports.</param>
internal sealed partial class TelemetryExport(TelemetryExportSettings settings, ILogger<TelemetryExport> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>A collector that is away must not hold up a shutdown: what it does not take in this time is lost.</summary>
    private const int FlushMilliseconds = 5_000;

    /// <summary>Where spans come from. Names of sources that a process does not have cost nothing.</summary>
    private static readonly string[] Sources =
    [
        EngineTelemetry.ActivitySourceName, "Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Application",
    ];

    private static readonly string[] Meters =
    [
        EngineTelemetry.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "System.Net.Http", "Npgsql", "Microsoft.Orleans",
    ];

    private readonly string _instanceId = Guid.NewGuid().ToString();
    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _traces = Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(settings.Configuration))
            .ConfigureResource(Describe)
            .AddSource(Sources)
            .AddOtlpExporter()
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(settings.Configuration))
            .ConfigureResource(Describe)
            .AddMeter(Meters)
            .AddOtlpExporter()
            .Build();
        LogSending(new Uri(settings.Configuration[ExportOptions.EndpointVariable]!).GetLeftPart(UriPartial.Authority));
        return Task.CompletedTask;
    }

    /// <summary>Sends what is left.</summary>
    /// <param name="cancellationToken">Not looked at: the time is bounded anyway.</param>
    /// <returns>A task that has ended.</returns>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _traces?.Shutdown(FlushMilliseconds);
        _metrics?.Shutdown(FlushMilliseconds);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private void Describe(ResourceBuilder resource) => resource
        .AddService(settings.ServiceName, serviceVersion: Version, serviceInstanceId: _instanceId)
        .AddEnvironmentVariableDetector();

    private static string? Version => Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    [LoggerMessage(LogLevel.Information, "Traces and metrics are sent to {Endpoint}")]
    private partial void LogSending(string endpoint);
}
