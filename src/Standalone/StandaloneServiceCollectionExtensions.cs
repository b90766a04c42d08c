using Cluster.Engine.Contents;
using Cluster.Engine.Outputs;
using Cluster.Storage.Postgres.Claims;
using Microsoft.Extensions.Options;

namespace Cluster.Standalone;

/// <summary>Adds what works behind the API in one process.</summary>
internal static class StandaloneServiceCollectionExtensions
{
    /// <summary>Adds engine, store, models and agents.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="options">Which store and which agents.</param>
    public static void AddStandalone(this IServiceCollection services, StandaloneOptions options)
    {
        services.AddOptions<StandaloneOptions>().BindConfiguration(StandaloneOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StandaloneOptions>, StandaloneOptionsValidator>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        services.AddModelProviders();
        services.AddStore(options.Store, DatabaseUse.Alone);
        services.AddSingleton<IAnswerFiles, AnswerDirectory>();
        if (!services.Any(service => service.ServiceType == typeof(IMediaStore)))
        {
            services.AddMemoryMedia();
        }

        services.AddEngine();
        if (options.Definitions is { } definitions)
        {
            services.AddAgentDefinitions(definitions);
        }
        else
        {
            services.AddDemoAgents().AddDemoTeam();
        }
    }

    /// <summary>Adds what goes on with the runs that stand in the store. Whoever does not serve must not do this: they belong to the server that works on it.</summary>
    /// <param name="services">The services to add to.</param>
    public static void AddRunRecovery(this IServiceCollection services)
    {
        services.AddHostedService<RunRecovery>();
        services.AddHostedService<RunRetries>();
        services.AddHostedService<ApprovalWatch>();
    }
}
