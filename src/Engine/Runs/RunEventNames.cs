using System.Collections.Concurrent;

namespace Cluster.Engine.Runs;

/// <summary>The names of events. Every event of an agent's run has its like in the run of a team: the same record under another name, as in AgentOS.</summary>
internal static class RunEventNames
{
    private static readonly ConcurrentDictionary<Type, string> TeamNames = [];

    /// <summary>Names an event.</summary>
    /// <param name="type">The record.</param>
    /// <param name="isOfTeam">True when it happened in the run of a team.</param>
    public static string Of(Type type, bool isOfTeam) =>
        isOfTeam ? TeamNames.GetOrAdd(type, static one => one.IsSubclassOf(typeof(AgentEvent)) && one != typeof(CustomEvent) ? "Team" + one.Name : one.Name) : type.Name;
}
