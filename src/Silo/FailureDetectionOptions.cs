using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Silo;

/// <summary>How soon a silo that died is found, bound from the section <c>Silo:FailureDetection</c>.</summary>
public sealed class FailureDetectionOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Silo:FailureDetection";

    /// <summary>Gets or sets how often silos ask each other whether they live, in seconds, and how long an answer may take. The default is 0.75.</summary>
    [Range(0.1, 60)]
    public double ProbeSeconds { get; set; } = 0.75;

    /// <summary>
    /// Gets or sets how many questions in a row a silo may leave unanswered before another one calls it dead. The default is 3. Fewer find a dead silo
    /// sooner; a silo that is only slow, in a long garbage collection for instance, is then declared dead and has to start anew.
    /// </summary>
    [Range(1, 100)]
    public int MissedProbes { get; set; } = 3;
}

[OptionsValidator]
internal sealed partial class FailureDetectionOptionsValidator : IValidateOptions<FailureDetectionOptions>;
