using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Caching;
using Cluster.Engine.Contents;
using Cluster.Engine.Limits;
using Cluster.Engine.Memory;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Engine.Teams;
using Cluster.Engine.Telemetry;
using Cluster.Engine.Tools;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the engine.</summary>
public static class EngineServiceCollectionExtensions
{
    /// <summary>
    /// Adds the loop, the in-process run host and what they need. Unless a store was added before, everything is kept in memory and lost with the process.
    /// Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddEngine(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<TelemetryOptions>, TelemetryConfiguration>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IModelProvider, ScriptedModelProvider>());
        services.TryAddSingleton<ModelCatalog>();
        services.TryAddSingleton<IAgentCatalog, AgentCatalog>();
        services.TryAddSingleton<MemoryStores>();
        services.TryAddPerTenant(static (provider, tenant) => new MediaContents(provider.GetService<IMediaStore>(), tenant));
        services.TryAddSingleton<ICrossTenantReads>(provider => provider.GetRequiredService<MemoryStores>());
        services.TryAddPerTenant<IRunLog>(MemoryOf);
        services.TryAddPerTenant<IRunLogReader>(static (provider, tenant) => provider.GetRequiredKeyedService<IRunLog>(tenant));
        services.TryAddPerTenant<IRunRecords>(MemoryOf);
        services.TryAddPerTenant<ISessionStore>(MemoryOf);
        services.TryAddPerTenant<ISessionCopies>(MemoryOf);
        services.TryAddPerTenant<ISessionForks, SessionForks>();
        services.TryAddPerTenant<IApprovalStore>(MemoryOf);
        services.TryAddPerTenant<IApprovalDecisions>(static (provider, tenant) => provider.GetRequiredKeyedService<IApprovalStore>(tenant));
        services.TryAddPerTenant<IApprovalReader>(static (provider, tenant) => provider.GetRequiredKeyedService<IApprovalStore>(tenant));
        services.TryAddPerTenant<IUserMemoryStore>(static (_, _) => new MemoryUserMemories());
        services.TryAddSingleton(static provider => new MemoryResultCache(provider.GetRequiredService<TimeProvider>()));
        services.TryAddPerTenant<IResultCache>(static (provider, tenant) => new TenantResultCache(provider.GetRequiredService<MemoryResultCache>(), tenant));
        services.TryAddSingleton<ToolSources>();
        services.TryAddPerTenant(CreateLoopServices);
        services.TryAddPerTenant<IRunLoop, AgentLoop>();
        services.TryAddPerTenant<RunAdmission>();
        services.TryAddPerTenant<ApprovalSweep>();
        services.AddSharedRunLogs();
        services.TryAddSingleton(static provider => new SettledRuns { Limit = provider.GetRequiredService<IOptions<MemoryOptions>>().Value.SettledRunBytes });
        services.TryAddSingleton(static provider => new InProcessRunHosts(tenant => CreateHost(provider, tenant), provider.GetRequiredService<ICrossTenantReads>()));
        services.TryAddPerTenant<IMemberRuns>(static (provider, tenant) => provider.GetRequiredService<InProcessRunHosts>().For(tenant).Members);
        services.TryAddPerTenant<IRunHost>(static (provider, tenant) => provider.GetRequiredService<InProcessRunHosts>().For(tenant));
        return services;
    }

    private static MemoryStore MemoryOf(IServiceProvider provider, TenantId tenant) => provider.GetRequiredService<MemoryStores>().For(tenant);

    private static InProcessRunHost CreateHost(IServiceProvider provider, TenantId tenant) => new(
        provider.GetRequiredKeyedService<IRunLoop>(tenant),
        provider.GetRequiredKeyedService<IRunLog>(tenant),
        provider.GetRequiredKeyedService<IRunRecords>(tenant),
        provider.GetRequiredKeyedService<ISessionStore>(tenant),
        provider.GetRequiredKeyedService<RunAdmission>(tenant),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetService<ILogger<InProcessRunHost>>())
    {
        Logs = provider.GetRequiredKeyedService<SharedRunLogs>(tenant),
        Settled = provider.GetRequiredService<SettledRuns>(),
    };

    private static AgentLoopServices CreateLoopServices(IServiceProvider provider, TenantId tenant)
    {
        var agents = provider.GetRequiredService<IAgentCatalog>();
        if (agents.All().Any(agent => agent.ToolSources.Any()))
        {
            // What is made first is disposed of last: behind the hosts whose runs use the sources.
            provider.GetRequiredService<ToolSources>();
        }

        return new AgentLoopServices(
            agents,
            provider.GetRequiredService<ModelCatalog>(),
            provider.GetRequiredKeyedService<ISessionStore>(tenant),
            provider.GetRequiredKeyedService<IRunRecords>(tenant),
            provider.GetRequiredService<TimeProvider>())
        {
            Members = () => provider.GetRequiredKeyedService<IMemberRuns>(tenant),
            Telemetry = provider.GetRequiredService<IOptions<TelemetryOptions>>().Value,
            Limits = provider.GetRequiredService<IOptions<FieldLimits>>().Value,
            Cache = provider.GetRequiredKeyedService<IResultCache>(tenant),
            Media = provider.GetRequiredKeyedService<MediaContents>(tenant),
            Approvals = provider.GetRequiredKeyedService<IApprovalStore>(tenant),
            AnswerFiles = provider.GetService<IAnswerFiles>(),
            Loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance,
        };
    }

    /// <summary>Adds an agent.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="agent">The agent.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddAgent(this IServiceCollection services, Agent agent)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton(agent);
    }

    /// <summary>Adds a team. Its members need not be added: they are agents of their own only where somebody should talk with them alone.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="team">The team.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddTeam(this IServiceCollection services, Team team)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton<Agent>(team);
    }
}
