using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Teams;
using Cluster.Grains.Catalog;
using Cluster.Grains.Interfaces.Errors;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Interfaces.Sessions;
using Cluster.Grains.Runs;
using Cluster.Grains.Sessions;
using Cluster.Grains.Stores;
using Cluster.Grains.Supervision;
using Cluster.Grains.Teams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Orleans.Hosting;

/// <summary>Registers the grains of the product on a silo.</summary>
public static class GrainSiloBuilderExtensions
{
    /// <summary>
    /// Adds what the grains need beside the engine: serialization of engine records, refusals that survive grain calls, supervision. The engine, a store
    /// and the agents come from elsewhere, and so do clustering, grain storage, reminders and the streams of watchers.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <returns>The same <paramref name="silo"/>.</returns>
    public static ISiloBuilder AddRunGrains(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        var services = silo.Services;
        services.AddEngineRecords();
        silo.AddIncomingGrainCallFilter<PackRefusals>().AddOutgoingGrainCallFilter<UnpackRefusals>();
        services.TryAddPerTenant(static (provider, tenant) => new RunOwnerServices(
            provider.GetRequiredKeyedService<IRunLoop>(tenant),
            provider.GetRequiredKeyedService<IRunLog>(tenant),
            provider.GetRequiredKeyedService<ISessionStore>(tenant),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RunOwner>>()));
        services.AddOptions<RunGrainOptions>();
        services.TryAddSingleton<RunsAtWork>();
        services.TryAddSingleton<RunSuccession>();
        services.TryAddPerTenant<RunWork>();
        services.TryAddPerTenant<RunGrainServices>();
        services.TryAddPerTenant<SessionRuns>();
        services.TryAddPerTenant<SessionGrainServices>();
        services.TryAddPerTenant<StoreGrainServices>();
        services.TryAddSingleton<GrainKind<IRunGrain>>();
        services.TryAddSingleton<GrainKind<ISessionGrain>>();
        services.AddPlacementDirector<RunPlacement, RunPlacementDirector>();
        AddMembers(services);
        services.TryAddSingleton<SiloDefinitions>();
        services.TryAddSingleton<SweepCalls>();
        services.TryAddSingleton<RunSweep>();
        services.TryAddSingleton<ApprovalRound>();
        services.AddHostedService<SiloLosses>();
        return silo;
    }

    /// <summary>Members run in grains, whatever the engine brings for one process.</summary>
    private static void AddMembers(IServiceCollection services)
    {
        services.TryAddKeyedSingleton(ClusterClock.Key, TimeProvider.System);
        services.TryAddSingleton<MemberChanges>();
        services.TryAddSingleton<GrainCalls>();
        services.AddSharedRunLogs();
        services.TryAddSingleton<FollowedMemory>();
        services.TryAddSingleton<FollowedRuns>();
        services.TryAddPerTenant<FollowedReader>();
        services.TryAddPerTenant<MemberFollowing>();
        services.AddHostedService<FollowedMembers>();
        services.ReplacePerTenant<IMemberRuns, ClusterMemberRuns>();
    }
}
