using Cluster.Engine.Agents;
using Cluster.Engine.Approvals;
using Cluster.Engine.Caching;
using Cluster.Engine.Contents;
using Cluster.Engine.Limits;
using Cluster.Engine.Memory;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
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
        services.TryAddSingleton(provider => new MemoryStore { Media = provider.GetService<MemoryMediaStore>() });
        services.TryAddSingleton(provider => new MediaContents(provider.GetService<IMediaStore>()));
        services.TryAddSingleton<IRunLog>(provider => provider.GetRequiredService<MemoryStore>());
        services.TryAddSingleton<IRunLogReader>(provider => provider.GetRequiredService<IRunLog>());
        services.TryAddSingleton<IRunRecords>(provider => provider.GetRequiredService<MemoryStore>());
        services.TryAddSingleton<ISessionStore>(provider => provider.GetRequiredService<MemoryStore>());
        services.TryAddSingleton<ISessionCopies>(provider => provider.GetRequiredService<MemoryStore>());
        services.TryAddSingleton<ISessionForks, SessionForks>();
        services.TryAddSingleton<IApprovalStore>(provider => provider.GetRequiredService<MemoryStore>());
        services.TryAddSingleton<IApprovalDecisions>(provider => provider.GetRequiredService<IApprovalStore>());
        services.TryAddSingleton<IApprovalReader>(provider => provider.GetRequiredService<IApprovalStore>());
        services.TryAddSingleton<IResultCache>(provider => new MemoryResultCache(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IUserMemoryStore, MemoryUserMemories>();
        services.TryAddSingleton<ToolSources>();
        services.TryAddSingleton(CreateLoopServices);
        services.TryAddSingleton<IRunLoop, AgentLoop>();
        services.TryAddSingleton<RunAdmission>();
        services.TryAddSingleton<ApprovalSweep>();
        services.TryAddSingleton<SharedRunLogs>();
        services.TryAddSingleton(CreateHost);
        services.TryAddSingleton<IMemberRuns>(provider => provider.GetRequiredService<InProcessRunHost>().Members);
        services.TryAddSingleton<IRunHost>(provider => provider.GetRequiredService<InProcessRunHost>());
        return services;
    }

    /// <summary>Keeps the content of media apart from the runs, in memory as well. A cluster that keeps its runs in one silo's memory cannot have that.</summary>
    /// <param name="services">The services to add to.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddMemoryMedia(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new MemoryMediaStore(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IMediaStore>(provider => provider.GetRequiredService<MemoryMediaStore>());
        return services;
    }

    private static InProcessRunHost CreateHost(IServiceProvider provider) => new(
        provider.GetRequiredService<IRunLoop>(),
        provider.GetRequiredService<IRunLog>(),
        provider.GetRequiredService<IRunRecords>(),
        provider.GetRequiredService<ISessionStore>(),
        provider.GetRequiredService<RunAdmission>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetService<ILogger<InProcessRunHost>>())
    {
        Logs = provider.GetRequiredService<SharedRunLogs>(),
        SettledRunBytes = provider.GetRequiredService<IOptions<MemoryOptions>>().Value.SettledRunBytes,
    };

    private static AgentLoopServices CreateLoopServices(IServiceProvider provider)
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
            provider.GetRequiredService<ISessionStore>(),
            provider.GetRequiredService<IRunRecords>(),
            provider.GetRequiredService<TimeProvider>())
        {
            Members = provider.GetRequiredService<IMemberRuns>,
            Telemetry = provider.GetRequiredService<IOptions<TelemetryOptions>>().Value,
            Limits = provider.GetRequiredService<IOptions<FieldLimits>>().Value,
            Cache = provider.GetRequiredService<IResultCache>(),
            Media = provider.GetRequiredService<MediaContents>(),
            Approvals = provider.GetRequiredService<IApprovalStore>(),
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
