using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Contents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Grains.Interfaces.Approvals;
using Cluster.Grains.Interfaces.Catalog;
using Cluster.Grains.Interfaces.Errors;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Lets a process use the agents of a cluster.</summary>
public static class RunClientBuilderExtensions
{
    /// <summary>
    /// Adds an <see cref="IRunHost"/> that runs agents on the silos, the agents that they have, and their store for reading. Clustering and the streams
    /// of watchers have to be configured on the same client.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <returns>The same <paramref name="client"/>.</returns>
    public static IClientBuilder AddRunClient(this IClientBuilder client)
    {
        ArgumentNullException.ThrowIfNull(client);
        var services = client.Services;
        services.AddEngineRecords();
        client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = CallTimeouts.Default);
        client.AddOutgoingGrainCallFilter<UnpackRefusals>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ModelCatalog>();
        services.TryAddSingleton<ClusterAgents>();
        services.TryAddSingleton<IAgentCatalog>(provider => provider.GetRequiredService<ClusterAgents>());
        services.TryAddPerTenant<ClusterStore>();
        services.TryAddPerTenant<IRunLogReader>(static (provider, tenant) => provider.GetRequiredKeyedService<ClusterStore>(tenant));
        services.TryAddPerTenant<IRunRecords>(static (provider, tenant) => provider.GetRequiredKeyedService<ClusterStore>(tenant));
        services.TryAddPerTenant<ISessionStore>(static (provider, tenant) => provider.GetRequiredKeyedService<ClusterStore>(tenant));
        services.TryAddPerTenant<ISessionForks>(static (provider, tenant) => provider.GetRequiredKeyedService<ClusterStore>(tenant));
        services.TryAddPerTenant<ClusterApprovals>();
        services.TryAddPerTenant<IApprovalDecisions>(static (provider, tenant) => provider.GetRequiredKeyedService<ClusterApprovals>(tenant));
        services.TryAddPerTenant<IApprovalReader>(static (provider, tenant) => provider.GetRequiredKeyedService<ClusterApprovals>(tenant));
        AddRuns(services);
        return client;
    }

    /// <summary>Starts runs on the silos, and follows them.</summary>
    private static void AddRuns(IServiceCollection services)
    {
        services.TryAddKeyedSingleton(ClusterClock.Key, TimeProvider.System);
        services.TryAddSingleton<MemberChanges>();
        services.TryAddSingleton<GrainCalls>();
        services.AddSharedRunLogs();
        services.TryAddSingleton<FollowedMemory>();
        services.TryAddSingleton<FollowedRuns>();
        services.TryAddPerTenant<FollowedReader>();
        services.TryAddSingleton<NewsSubscription>();
        services.TryAddSingleton<NewsRenewal>();
        services.TryAddPerTenant<IRunHost>(static (provider, tenant) => new ClusterRunHost(
            tenant,
            provider.GetRequiredService<FollowedRuns>(),
            provider.GetRequiredKeyedService<FollowedReader>(tenant),
            provider.GetRequiredService<GrainCalls>(),
            provider.GetRequiredKeyedService<IRunRecords>(tenant),
            provider.GetRequiredKeyedService<TimeProvider>(ClusterClock.Key))
        {
            Media = new MediaContents(provider.GetService<IMediaStore>(), tenant),
        });
        services.TryAddSingleton<ClusterWatch>();
        services.TryAddSingleton<IClusterConnection>(provider => provider.GetRequiredService<ClusterWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<ClusterWatch>());
    }
}
