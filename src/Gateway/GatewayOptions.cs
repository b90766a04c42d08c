using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Gateway;

/// <summary>How this gateway listens and stops, bound from the section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Gateway";

    /// <summary>Gets or sets where the API is served. The default is <c>http://localhost:7777</c>.</summary>
    [Required]
    public string Url { get; set; } = "http://localhost:7777";

    /// <summary>Gets or sets the longest that a shutdown waits for requests, in seconds. The default is 20. Runs are not affected by it.</summary>
    [Range(1, 3_600)]
    public int ShutdownSeconds { get; set; } = 20;
}

[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;
