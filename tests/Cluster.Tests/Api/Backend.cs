using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Teams;
using Cluster.Grains.Interfaces.Catalog;
using Cluster.Tests.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cluster.Tests.Api;

/// <summary>What runs the agents behind the API in the tests that are shared with Api.Tests: silos in processes of their own, and the host of the API as their gateway.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly LocalCluster _cluster;

    private Backend(LocalCluster cluster) => _cluster = cluster;

    /// <summary>Makes the host of the API a gateway to the cluster, whose agents are those of all tests.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="agents">The agents that every test has.</param>
    /// <param name="configure">Adds agents and other services of one test; null for none.</param>
    public static async Task<Backend> AddAsync(WebApplicationBuilder builder, ImmutableArray<Agent> agents, Action<IServiceCollection>? configure)
    {
        var processes = await TestContext.Current.GetFixture<ApiCluster>() ?? throw new InvalidOperationException("The assembly has no cluster.");
        var cluster = await processes.Cluster;
        IServiceCollection services = new ServiceCollection();
        configure?.Invoke(services);
        var own = services.Where(service => service.ServiceType == typeof(Agent)).Select(service => (Agent)service.ImplementationInstance!).ToArray();
        foreach (var agent in own)
        {
            processes.Add(agent);
        }

        foreach (var service in services.Where(service => service.ServiceType != typeof(Agent)))
        {
            builder.Services.Add(service);
        }

        var shown = agents.Concat(own).Select(agent => agent.AgentId).ToHashSet(StringComparer.Ordinal);
        builder.Services.AddSingleton<IAgentCatalog>(provider => new ShownAgents(provider.GetRequiredService<ClusterAgents>(), shown));
        builder.Services.AddKeyedSingleton(KeyedService.AnyKey, TimeProvider.System);
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create<string, string?>("Cluster:Store", $"postgres:{cluster.Store}")]);
        builder.AddGateway();
        return new Backend(cluster);
    }

    /// <summary>Ends what the test left at work and deletes its sessions, so that the next one finds none.</summary>
    public async ValueTask DisposeAsync()
    {
        using var gateway = new HttpClient { BaseAddress = _cluster.GatewayUrl(2) };
        await new Leftovers(gateway).DeleteAsync();
    }

    /// <summary>The agents that the test knows of.</summary>
    private sealed class ShownAgents(ClusterAgents all, HashSet<string> shown) : IAgentCatalog
    {
        public IReadOnlyList<Agent> Agents => [.. all.Agents.Where(agent => shown.Contains(agent.AgentId))];

        public IReadOnlyList<Team> Teams => [.. all.Teams.Where(team => shown.Contains(team.AgentId))];

        public Team? FindTeam(string teamId) => shown.Contains(teamId) ? all.FindTeam(teamId) : null;

        public Agent? Find(string agentId) => shown.Contains(agentId) ? all.Find(agentId) : null;
    }
}
