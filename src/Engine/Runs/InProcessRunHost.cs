namespace Cluster.Engine.Runs;

/// <summary>Runs agents in this process.</summary>
public sealed class InProcessRunHost
{
}
