using System.Collections.Concurrent;
using Cluster.Engine.Runs;

namespace Cluster.Testing;

/// <summary>The runs of a trial: the one that is started, and those that go on in its place. It outlives the processes, so that each knows how far the one before it came.</summary>
/// <param name="first">The run that is started.</param>
internal sealed class RunChain(string first)
{
    private readonly ConcurrentDictionary<string, string> _successors = new(StringComparer.Ordinal);

    public string First => first;

    /// <summary>Names a call apart from those of the other runs, in which the model may use the same id. Calls of a team's members are one in all runs.</summary>
    public string Scope(string runId, string callId) => _successors.Values.Contains(runId) ? $"{runId}/{callId}" : callId;

    /// <summary>Gives the id of the run that goes on in the place of another one, if one does.</summary>
    public string SuccessorOf(string runId) => _successors.GetOrAdd(runId, _ => Guid.NewGuid().ToString());

    /// <summary>Finds the newest run that the store knows.</summary>
    public async Task<string> FindNewestAsync(IRunHost host, CancellationToken cancellationToken)
    {
        var newest = first;
        while (_successors.TryGetValue(newest, out var successor) && await host.FindAsync(successor, cancellationToken) is not null)
        {
            newest = successor;
        }

        return newest;
    }
}
