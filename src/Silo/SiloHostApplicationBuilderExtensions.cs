using System.Net;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Grains.Interfaces.Runs;
using Cluster.Grains.Runs;
using Cluster.Hosting.Health;
using Cluster.Silo;
using Cluster.Storage.Postgres.Claims;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using ClusterOptions = Cluster.Grains.Interfaces.Hosting.ClusterOptions;
using SiloOptions = Cluster.Silo.SiloOptions;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a host a silo.</summary>
public static class SiloHostApplicationBuilderExtensions
{
    /// <summary>
    /// Adds everything that runs agents in a cluster, by the settings of the sections <c>Cluster</c>, <c>Silo</c> and <c>Streams</c>. Agents and teams that
    /// are added to the services before it are run; without any, and without definitions, the demo agents and their team are.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The builder of the host.</param>
    /// <returns>The same <paramref name="builder"/>.</returns>
    /// <exception cref="InvalidRequestException">A setting does not fit.</exception>
    public static TBuilder AddSilo<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var cluster = builder.Configuration.GetSection(ClusterOptions.SectionName).Get<ClusterOptions>() ?? new ClusterOptions();
        var silo = builder.Configuration.GetSection(SiloOptions.SectionName).Get<SiloOptions>() ?? new SiloOptions();
        services.AddOptions<SiloOptions>().BindConfiguration(SiloOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiloOptions>, SiloOptionsValidator>();
        services.AddClusterOptions();
        services.AddMemoryLimits();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(silo.ShutdownSeconds));
        services.AddModelProviders();
        services.AddStore(CheckStore(cluster.Store), DatabaseUse.Together);
        services.AddRetention();
        AddAgents(services, silo);
        services.AddEngine();
        services.AddReadinessCheck<StoreReadinessCheck>();
        builder.AddTelemetry("cluster-silo");

        if (cluster.ConnectionString is not null)
        {
            // Before the silo starts: it may have to wait for others that are gone.
            services.AddHostedService<CrashDetection>();
        }

        builder.UseOrleans(orleans => Configure(orleans, cluster, silo));
        return builder;
    }

    private static void Configure(ISiloBuilder orleans, ClusterOptions cluster, SiloOptions silo)
    {
        if (cluster.ConnectionString is { } connectionString)
        {
            orleans.UsePostgres(connectionString);
            Listen(orleans, cluster, silo);
        }
        else
        {
            orleans.UseLocalhostClustering(silo.Port, cluster.GatewayPort, null, cluster.ServiceId, cluster.Id);
            orleans.AddMemoryGrainStorageAsDefault().AddMemoryGrainStorage("PubSubStore").UseInMemoryReminderService();
        }

        orleans.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.Id, cluster.ServiceId));
        orleans.UseFailureDetection();
        orleans.Configure<RunGrainOptions>(options => options.HandOver = TimeSpan.FromSeconds(silo.HandOverSeconds));
        orleans.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = CallTimeouts.Default);
        orleans.AddActivityPropagation().AddRunStreams().AddRunGrains();
        SiloOperation.Configure(orleans, silo);
    }

    private static void Listen(ISiloBuilder orleans, ClusterOptions cluster, SiloOptions silo)
    {
        if (IPAddress.TryParse(silo.Address, out var address))
        {
            orleans.ConfigureEndpoints(address, silo.Port, cluster.GatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(address));
        }
        else
        {
            orleans.ConfigureEndpoints(silo.Address, silo.Port, cluster.GatewayPort, listenOnAnyHostAddress: true);
        }
    }

    private static void AddAgents(IServiceCollection services, SiloOptions silo)
    {
        if (silo.Definitions is { } definitions)
        {
            services.AddAgentDefinitions(definitions);
        }
        else if (!services.Any(service => service.ServiceType == typeof(Agent) || service.ServiceType == typeof(IAgentCatalog)))
        {
            services.AddDemoAgents().AddDemoTeam();
        }
    }

    /// <summary>A file cannot be shared by silos.</summary>
    private static string CheckStore(string store) => store.StartsWith("sqlite:", StringComparison.Ordinal) || store.StartsWith("embedded:", StringComparison.Ordinal)
        ? throw new InvalidRequestException("A cluster cannot keep its runs in SQLite, which belongs to one process. Use postgres:CONNECTION, or memory: for one development silo.")
        : store;
}
