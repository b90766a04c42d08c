using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Silo;

/// <summary>How this silo listens, what it runs and how it stops, bound from the section <c>Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Silo";

    /// <summary>Gets or sets where health is served. The default is <c>http://localhost:7780</c>.</summary>
    [Required]
    public string Url { get; set; } = "http://localhost:7780";

    /// <summary>
    /// Gets or sets a value indicating whether Orleans' dashboard is served below <c>/dashboard</c>, beside health. The default is false. It shows grains, calls and
    /// machines to everybody who can reach <see cref="Url"/>. All silos of a cluster need the same value.
    /// </summary>
    public bool Dashboard { get; set; }

    /// <summary>
    /// Gets or sets the address or host name at which other silos and gateways reach this one. The default is <c>127.0.0.1</c>, which only this machine
    /// reaches; with another address the silo listens on all interfaces, and a network policy has to say who may connect.
    /// </summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Gets or sets the port for other silos. The default is 11111.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 11_111;

    /// <summary>Gets or sets the YAML file with the agents to run. Null, the default, runs the agents that the program adds, and without any two demo agents and a team of them.</summary>
    public string? Definitions { get; set; }

    /// <summary>Gets or sets the longest that a shutdown takes, in seconds. The default is 30; an orchestrator has to grant more.</summary>
    [Range(1, 3_600)]
    public int ShutdownSeconds { get; set; } = 30;

    /// <summary>Gets or sets the longest that a shutdown waits for the current steps of runs, in seconds. The default is 20. Steps that take longer are cut off and taken again elsewhere.</summary>
    [Range(0, 3_600)]
    public int HandOverSeconds { get; set; } = 20;
}

[OptionsValidator]
internal sealed partial class SiloOptionsValidator : IValidateOptions<SiloOptions>;
