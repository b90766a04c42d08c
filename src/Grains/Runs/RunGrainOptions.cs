namespace Cluster.Grains.Runs;

/// <summary>How run grains end.</summary>
public sealed class RunGrainOptions
{
    /// <summary>
    /// Gets or sets how long a run that has to leave its silo may take for the step that is under way: no model call is paid twice then, and no tool is
    /// left in doubt. A step that takes longer is cut off and taken again elsewhere. The default is 20 seconds.
    /// </summary>
    public TimeSpan HandOver { get; set; } = TimeSpan.FromSeconds(20);
}
