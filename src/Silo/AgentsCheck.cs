using Cluster.Engine.Agents;

namespace Cluster.Silo;

/// <summary>Makes the agents before the runtime starts: what is wrong with their definitions is said at once, and not amid the complaints of a silo that stops half-way.</summary>
/// <param name="agents">Makes the agents when it is made.</param>
internal sealed class AgentsCheck(Lazy<IAgentCatalog> agents) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _ = agents.Value;
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
