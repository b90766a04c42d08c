using Cluster.Engine.Approvals;
using Cluster.Engine.Runs;
using Cluster.Gateway;
using Cluster.Storage.Postgres;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using ClusterOptions = Cluster.Grains.Interfaces.Hosting.ClusterOptions;
using GatewayOptions = Cluster.Gateway.GatewayOptions;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a host a gateway.</summary>
public static class GatewayHostApplicationBuilderExtensions
{
    /// <summary>
    /// Adds everything that serves the AgentOS API over the silos of a cluster, by the settings of the sections <c>Cluster</c>, <c>Gateway</c>, <c>AgentOs</c>
    /// and <c>Streams</c>.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The builder of the host.</param>
    /// <returns>The same <paramref name="builder"/>.</returns>
    public static TBuilder AddGateway<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var cluster = builder.Configuration.GetSection(ClusterOptions.SectionName).Get<ClusterOptions>() ?? new ClusterOptions();
        var gateway = builder.Configuration.GetSection(GatewayOptions.SectionName).Get<GatewayOptions>() ?? new GatewayOptions();
        services.AddOptions<GatewayOptions>().BindConfiguration(GatewayOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddClusterOptions();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(gateway.ShutdownSeconds));
        services.TryAddSingleton(TimeProvider.System);
        if (cluster.ConnectionString is not null)
        {
            AddReads(services);
        }

        builder.UseOrleansClient(client => Configure(client, cluster));
        services.AddAgentOsApi();
        services.AddReadinessCheck<ClusterReadinessCheck>();
        builder.AddTelemetry("cluster-gateway");
        return builder;
    }

    private static void Configure(IClientBuilder client, ClusterOptions cluster)
    {
        if (cluster.ConnectionString is { } connectionString)
        {
            client.UsePostgres(connectionString);
        }
        else
        {
            client.UseLocalhostClustering(cluster.GatewayPort, cluster.ServiceId, cluster.Id);
        }

        client.Configure<Orleans.Configuration.ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.Id, cluster.ServiceId));
        client.Configure<Orleans.Configuration.GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromMilliseconds(500));
        client.UseConnectionRetryFilter<ConnectionRetry>().AddActivityPropagation().AddRunStreams().AddRunClient();
    }

    /// <summary>Runs are read where they are kept, without a way round through the silos. Everything is written by the silos.</summary>
    private static void AddReads(IServiceCollection services)
    {
        services.AddPostgresReads();
        services.TryAddPerTenant<IRunLogReader>(static (provider, tenant) => provider.GetRequiredKeyedService<PostgresStore>(tenant));
        services.TryAddPerTenant<IRunRecords>(static (provider, tenant) => provider.GetRequiredKeyedService<PostgresStore>(tenant));

        // What is uploaded goes past the silos: they are told what to find it by.
        services.AddPostgresMedia();
        services.TryAddPerTenant<IApprovalReader>(static (provider, tenant) => provider.GetRequiredKeyedService<PostgresApprovals>(tenant));
    }
}
