using System.Collections.Immutable;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Shell;

/// <summary>What the toolkit <c>shell</c> may do. It is the operating system's rights of this process that bound a command, not the directory.</summary>
public sealed record ShellToolkitOptions
{
    /// <summary>Gets a value indicating whether commands may be run at all. The default is false: calls are refused.</summary>
    public bool Allow { get; init; }

    /// <summary>Gets the directory in which commands start.</summary>
    public required string Root { get; init; }

    /// <summary>Gets the only programs that may be run, by name, without a shell around them. Empty, the default, for all, through <c>/bin/sh</c>.</summary>
    public ImmutableArray<string> AllowedCommands { get; init; } = [];

    /// <summary>
    /// Gets how long a command may take before it is killed with all that it started. What it leaves in the background when it ends in time is not ended.
    /// The default is one minute.
    /// </summary>
    public TimeSpan Timeout { get; init => field = Durations.Limit(value, nameof(Timeout)); } = TimeSpan.FromMinutes(1);

    /// <summary>Gets how many bytes of each of the two outputs are kept. The default is 50,000.</summary>
    public int MaxOutputBytes { get; init; } = 50_000;
}
