using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Cluster.Grains.Interfaces.Streams;

/// <summary>How run events travel from silos to gateways, bound from the section <c>Streams</c>. Silos and gateways need the same kind and number of queues.</summary>
public sealed class RunStreamOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Streams";

    /// <summary>Gets or sets what carries the events. The default is <see cref="RunStreamKind.Waiting"/>.</summary>
    public RunStreamKind Kind { get; set; } = RunStreamKind.Waiting;

    /// <summary>Gets or sets over how many queues the streams are spread; the silos share the queues among themselves. The default is 4.</summary>
    [Range(1, 256)]
    public int QueueCount { get; set; } = 4;

    /// <summary>Gets or sets how long one call waits for events that do not come, in seconds; also how long a queue that moves to another silo can stand still. The default is 2.</summary>
    [Range(0.01, 4)]
    public double WaitSeconds { get; set; } = 2;

    /// <summary>Gets or sets how many messages wait at most in each place where they wait: at a producer, in a queue, for a slow reader. The oldest are dropped. The default is 8,192.</summary>
    [Range(1, 1_000_000)]
    public int QueueCapacity { get; set; } = 8_192;

    /// <summary>Gets or sets how many bytes of messages wait at most in each of these places. A message that is larger never arrives. The default is 16 MiB.</summary>
    [Range(1_024, 1L << 30)]
    public long QueueBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Gets or sets how often <see cref="RunStreamKind.Memory"/> looks for events, in milliseconds. The default is 10.</summary>
    [Range(1, 60_000)]
    public int MemoryPollMilliseconds { get; set; } = 10;
}

/// <summary>What carries run events.</summary>
public enum RunStreamKind
{
    /// <summary>Queues in grains whose readers wait: quick, and idle while nothing happens.</summary>
    Waiting,

    /// <summary>Orleans' memory streams, which are polled.</summary>
    Memory,
}

[OptionsValidator]
internal sealed partial class RunStreamOptionsValidator : IValidateOptions<RunStreamOptions>;
