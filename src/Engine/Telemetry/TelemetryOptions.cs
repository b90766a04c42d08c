using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Cluster.Engine.Telemetry;

/// <summary>What traces may tell, bound from the section <c>Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Telemetry";

    /// <summary>The variable that instrumentations of generative AI commonly read. It counts when the section says nothing.</summary>
    public const string CaptureContentVariable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

    /// <summary>
    /// Gets or sets a value indicating whether spans carry what was said: messages, instructions, and the arguments and results of tools. The default
    /// is false: such text is personal more often than not, and trace stores are read by many.
    /// </summary>
    public bool CaptureContent { get; set; }
}

/// <summary>Fills in the options from configuration, where there is one.</summary>
/// <param name="configuration">The configuration; null in programs that have none.</param>
internal sealed class TelemetryConfiguration(IConfiguration? configuration = null) : IConfigureOptions<TelemetryOptions>
{
    /// <inheritdoc/>
    public void Configure(TelemetryOptions options)
    {
        options.CaptureContent = configuration?[TelemetryOptions.CaptureContentVariable]?.ToUpperInvariant() is "TRUE" or "SPAN_ONLY" or "SPAN_AND_EVENT";
        configuration?.GetSection(TelemetryOptions.SectionName).Bind(options);
    }
}
