using Cluster.Engine.Errors;
using Cluster.Hosting.Telemetry;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.Hosting;

/// <summary>Sends traces and metrics.</summary>
public static class TelemetryHostApplicationBuilderExtensions
{
    /// <summary>
    /// Sends traces and metrics over OTLP when a collector is configured, by <c>Telemetry:Endpoint</c> or <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>; without
    /// one nothing is added at all. Calling it twice is the same as calling it once.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The builder of the host. What configures the endpoint has to be in its configuration already.</param>
    /// <param name="serviceName">The name of this kind of process in traces and metrics, for instance <c>cluster-silo</c>. <c>OTEL_SERVICE_NAME</c> wins over it.</param>
    /// <returns>The same <paramref name="builder"/>.</returns>
    /// <exception cref="InvalidRequestException">The endpoint is not an address, or the protocol is not known.</exception>
    public static TBuilder AddTelemetry<TBuilder>(this TBuilder builder, string serviceName)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (ExportOptions.Resolve(builder.Configuration) is { } configuration)
        {
            // ASP.NET Core 10 leaves method, route and status out of its spans unless it is told that nobody else fills them in.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            builder.Services.TryAddSingleton(new TelemetryExportSettings(serviceName, configuration));
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, TelemetryExport>());
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, RequestTracing>());
        }

        return builder;
    }
}
