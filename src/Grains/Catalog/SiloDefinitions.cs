using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Json;
using Cluster.Engine.Models;

namespace Cluster.Grains.Catalog;

/// <summary>What clients are told of this silo's agents and teams. It is made once: definitions do not change while a silo runs.</summary>
/// <param name="agents">The agents.</param>
/// <param name="models">Names their models.</param>
internal sealed class SiloDefinitions(IAgentCatalog agents, ModelCatalog models)
{
    private readonly Lazy<(ImmutableArray<AgentDescription> Agents, string Version)> _all = new(() => Describe(agents, models));

    /// <summary>Gets the agents and then the teams, each in the order in which they were defined.</summary>
    public ImmutableArray<AgentDescription> Agents => _all.Value.Agents;

    /// <summary>Gets a text that silos with the same definitions share.</summary>
    public string Version => _all.Value.Version;

    private static (ImmutableArray<AgentDescription> Agents, string Version) Describe(IAgentCatalog agents, ModelCatalog models)
    {
        var all = agents.Agents.Concat(agents.Teams).Select(agent => AgentDescription.Of(agent, models)).ToImmutableArray();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var agent in all)
        {
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(agent, EngineJson.Context.AgentDescription));
        }

        return (all, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
