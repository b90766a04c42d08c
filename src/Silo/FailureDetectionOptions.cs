using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Silo;

/// <summary>How soon a silo that died is found, bound from the section <c>Silo:FailureDetection</c>.</summary>
public sealed class FailureDetectionOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Silo:FailureDetection";

    /// <summary>Gets or sets how often silos ask each other whether they live, in seconds, and how long an answer may take. The default is 0.5.</summary>
    [Range(0.1, 60)]
    public double ProbeSeconds { get; set; } = 0.5;

    /// <summary>
    /// Gets or sets how many questions in a row a silo may leave unanswered before another one calls it dead. The default is 3. Fewer find a dead silo
    /// sooner; a silo that is only slow, in a long garbage collection for instance, is then declared dead and has to start anew.
    /// </summary>
    [Range(1, 100)]
    public int MissedProbes { get; set; } = 3;

    /// <summary>
    /// Gets or sets for how many seconds after a silo was declared dead nothing that was in its care may begin elsewhere, new sessions and runs included. The
    /// default is 0: nothing waits, and should the silo live after all, the log refuses what it still writes. It only makes sense where agents have tools that
    /// must on no account be called by both.
    /// </summary>
    [Range(0, 600)]
    public double LeaseSeconds { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether a silo is dead whose machine refuses connections to it, after it was connected to before, or after it wrote no
    /// heartbeat for some seconds. The default is true.
    /// Switch it off where something between the silos, a firewall for instance, refuses connections instead of dropping them.
    /// </summary>
    public bool TrustRefusals { get; set; } = true;
}

[OptionsValidator]
internal sealed partial class FailureDetectionOptionsValidator : IValidateOptions<FailureDetectionOptions>;
