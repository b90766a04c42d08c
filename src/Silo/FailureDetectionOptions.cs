using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Silo;

/// <summary>How soon a silo that died is found, bound from the section <c>Silo:FailureDetection</c>.</summary>
public sealed class FailureDetectionOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Silo:FailureDetection";

    /// <summary>Gets or sets how often silos ask each other whether they live, in seconds, and how long an answer may take. The default is 1.</summary>
    [Range(0.1, 60)]
    public double ProbeSeconds { get; set; } = 1;

    /// <summary>
    /// Gets or sets how many questions in a row a silo may leave unanswered before another one calls it dead. The default is 3. Fewer find a dead silo
    /// sooner; a silo that is only slow, in a long garbage collection for instance, is then declared dead and has to start anew.
    /// </summary>
    [Range(1, 100)]
    public int MissedProbes { get; set; } = 3;

    /// <summary>
    /// Gets or sets a value indicating whether a silo is dead whose machine refuses connections to it, after it was connected to before. The default is true.
    /// Switch it off where something between the silos, a firewall for instance, refuses connections instead of dropping them.
    /// </summary>
    public bool TrustRefusals { get; set; } = true;
}

[OptionsValidator]
internal sealed partial class FailureDetectionOptionsValidator : IValidateOptions<FailureDetectionOptions>;
