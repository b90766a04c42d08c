namespace Cluster.Engine.Storage;

/// <summary>How long runs are kept, bound from the section <c>Retention</c>. Nothing is taken away by default.</summary>
public sealed class RetentionOptions
{
    /// <summary>The configuration section these options are bound from.</summary>
    public const string SectionName = "Retention";

    /// <summary>Gets or sets how old runs become before they are taken away, counted from when they were accepted, and sessions without runs from when they last changed. The default is null: as old as they like.</summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Gets or sets how many of its newest runs a session keeps, not counting those of members. The default is null: all.</summary>
    public int? MaxRunsPerSession { get; set; }

    /// <summary>Gets or sets how many of its newest runs an agent or team keeps over all sessions, not counting those of members. The default is null: all.</summary>
    public int? MaxRunsPerAgent { get; set; }

    /// <summary>Gets what counts for single agents and teams, by their ids, instead of the three above: what is left out there is not bounded.</summary>
    public IDictionary<string, RetentionBounds> Agents { get; } = new Dictionary<string, RetentionBounds>(StringComparer.Ordinal);

    /// <summary>Gets or sets the time between two rounds. The default is an hour.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets the rest between two steps of a round, in which others use the store. The default is 50 milliseconds.</summary>
    public TimeSpan Rest { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets a value indicating whether anything is to be taken away.</summary>
    public bool IsOn => Bounds.IsAny || Agents.Values.Any(bounds => bounds.IsAny);

    /// <summary>Gets what counts where nothing else is said.</summary>
    internal RetentionBounds Bounds => new() { MaxAge = MaxAge, MaxRunsPerSession = MaxRunsPerSession, MaxRunsPerAgent = MaxRunsPerAgent };
}

/// <summary>How long the runs of one agent or team are kept.</summary>
public sealed class RetentionBounds
{
    /// <summary>Gets or sets how old runs become before they are taken away; null for as old as they like.</summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Gets or sets how many of its newest runs a session keeps; null for all.</summary>
    public int? MaxRunsPerSession { get; set; }

    /// <summary>Gets or sets how many of its newest runs the agent keeps over all sessions; null for all.</summary>
    public int? MaxRunsPerAgent { get; set; }

    /// <summary>Gets a value indicating whether anything is bounded.</summary>
    public bool IsAny => MaxAge is not null || MaxRunsPerSession is not null || MaxRunsPerAgent is not null;
}
