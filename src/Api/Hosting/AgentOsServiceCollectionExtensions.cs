using Cluster.Api;
using Cluster.Api.Agents;
using Cluster.Api.Cors;
using Cluster.Api.Docs;
using Cluster.Api.Home;
using Cluster.Api.Runs;
using Cluster.Api.Sending;
using Cluster.Api.Sessions;
using Cluster.Api.Teams;
using Cluster.Engine.Approvals;
using Cluster.Engine.Contents;
using Cluster.Engine.Teams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the AgentOS API.</summary>
public static class AgentOsServiceCollectionExtensions
{
    /// <summary>
    /// Adds what the endpoints need. The run host, the stores and the agents come from elsewhere, for instance from <c>AddEngine</c>.
    /// Calling it twice is the same as calling it once.
    /// </summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="configure">Changes options after they are bound from configuration; null to leave them.</param>
    /// <returns>The same <paramref name="services"/>.</returns>
    public static IServiceCollection AddAgentOsApi(this IServiceCollection services, Action<AgentOsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<AgentOsOptions>().BindConfiguration(AgentOsOptions.SectionName)
            .Configure<IConfiguration>(ReadLists)
            .ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AgentOsOptions>, AgentOsOptionsValidator>());
        services.TryAddSingleton<KnownOrigins>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new StartTime(provider.GetRequiredService<TimeProvider>().GetUtcNow()));
        services.TryAddSingleton<AgentModels>();
        services.TryAddSingleton<AgentResponses>();
        services.TryAddSingleton<TeamResponses>();
        services.TryAddPerTenant<MemberResponses>();
        services.AddMemoryLimits();
        services.AddSharedRunLogs();
        services.TryAddSingleton<SlowReaders>();
        services.TryAddPerTenant(static (provider, tenant) => new MediaContents(provider.GetService<IMediaStore>(), tenant));
        services.TryAddPerTenant<EventStreams>();
        services.TryAddPerTenant<StoredEvents>();
        services.TryAddPerTenant<RunOutputs>();
        services.TryAddPerTenant<StoredRuns>();
        services.TryAddPerTenant<SessionRuns>();
        services.TryAddPerTenant<RunContinuations>();
        services.TryAddPerTenant<ResumedStreams>();
        services.TryAddPerTenant<ApprovalDesk>();
        services.TryAddSingleton<SessionScopes>();
        services.TryAddPerTenant<SessionList>();
        services.TryAddPerTenant<SessionDetails>();
        services.AddOpenApi(DocsEndpoints.Configure);
        return services;
    }

    /// <summary>A command line and an environment variable can only hold one text, so lists may also stand there separated by commas.</summary>
    private static void ReadLists(AgentOsOptions options, IConfiguration configuration)
    {
        Read(nameof(AgentOsOptions.AllowedOrigins), options.AllowedOrigins);
        Read(nameof(AgentOsOptions.AllowedHosts), options.AllowedHosts);

        void Read(string name, ICollection<string> list)
        {
            var text = configuration[$"{AgentOsOptions.SectionName}:{name}"] ?? string.Empty;
            foreach (var entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                list.Add(entry);
            }
        }
    }
}
