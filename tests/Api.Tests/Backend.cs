using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests;

/// <summary>What runs the agents behind the API: here the engine in the same process. The tests of the gateway put a cluster in this place.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private Backend()
    {
    }

    /// <summary>Adds what runs the agents to the host of the API.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="agents">The agents that every test has.</param>
    /// <param name="configure">Adds agents and other services of one test; null for none.</param>
    public static Task<Backend> AddAsync(WebApplicationBuilder builder, ImmutableArray<Agent> agents, Action<IServiceCollection>? configure)
    {
        foreach (var agent in agents)
        {
            builder.Services.AddAgent(agent);
        }

        configure?.Invoke(builder.Services);
        builder.Services.AddEngine();
        return Task.FromResult(new Backend());
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
