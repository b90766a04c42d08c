using Cluster.Engine.Errors;
using Cluster.Engine.Telemetry;
using Microsoft.Extensions.Configuration;

namespace Cluster.Hosting.Telemetry;

/// <summary>
/// Where traces and metrics go, bound from the section <c>Telemetry</c>. Everything else is set through the variables that OpenTelemetry defines
/// (<c>OTEL_…</c>), in the environment or anywhere else in configuration.
/// </summary>
public sealed class ExportOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = TelemetryOptions.SectionName;

    internal const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    internal const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>Gets or sets the address of the collector. Null, the default, for <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>; without either nothing is sent.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Gets or sets how the collector is spoken to, <c>grpc</c> or <c>http/protobuf</c>. Null, the default, for <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, else grpc.</summary>
    public string? Protocol { get; set; }

    /// <summary>Reads the options and gives them to OpenTelemetry under the names that it knows.</summary>
    /// <param name="configuration">The configuration of the host.</param>
    /// <returns>The configuration with the options filled in; null when nothing is to be sent.</returns>
    /// <exception cref="InvalidRequestException">An option cannot be what it is.</exception>
    internal static IConfiguration? Resolve(IConfiguration configuration)
    {
        var options = configuration.GetSection(SectionName).Get<ExportOptions>() ?? new ExportOptions();
        var endpoint = string.IsNullOrEmpty(options.Endpoint) ? configuration[EndpointVariable] : options.Endpoint;
        if (string.IsNullOrEmpty(endpoint))
        {
            return null;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new InvalidRequestException($"The telemetry endpoint '{endpoint}' is not an address like http://localhost:4317. Set {SectionName}:{nameof(Endpoint)} or {EndpointVariable}.");
        }

        var protocol = string.IsNullOrEmpty(options.Protocol) ? configuration[ProtocolVariable] : options.Protocol;
        if (!(string.IsNullOrEmpty(protocol) || protocol is "grpc" or "http/protobuf"))
        {
            throw new InvalidRequestException($"The telemetry protocol '{protocol}' is neither grpc nor http/protobuf. Set {SectionName}:{nameof(Protocol)} or {ProtocolVariable}.");
        }

        return new ConfigurationBuilder()
            .AddConfiguration(configuration)
            .AddInMemoryCollection([new(EndpointVariable, endpoint), .. string.IsNullOrEmpty(protocol) ? [] : new KeyValuePair<string, string?>[] { new(ProtocolVariable, protocol) }])
            .Build();
    }
}
