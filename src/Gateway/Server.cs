using Cluster.Api.Hosting;
using Cluster.Grains.Interfaces.Catalog;
using Cluster.Hosting;
using Cluster.Storage.Postgres;
using Microsoft.Extensions.Options;
using ClusterOptions = Cluster.Grains.Interfaces.Hosting.ClusterOptions;

namespace Cluster.Gateway;

/// <summary>The API over the silos of a cluster.</summary>
internal static partial class Server
{
    /// <summary>Serves until the process is asked to stop.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <param name="cancellationToken">Stops serving.</param>
    /// <returns>The exit code: 0 after a stop, 1 when the gateway could not start.</returns>
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken) =>
        ServerProgram.RunAsync("gateway", () => Build(settings), Announce, cancellationToken);

    private static WebApplication Build(IReadOnlyDictionary<string, string?> settings)
    {
        const string UrlKey = $"{GatewayOptions.SectionName}:{nameof(GatewayOptions.Url)}";
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.AddInMemoryCollection(settings);
        AgentOsEnvironment.RefuseKeys(builder.Configuration);
        AgentOsEnvironment.AddDefaults(builder.Configuration, UrlKey);
        builder.WebHost.UseUrls(ListenAddress.Check(builder.Configuration[UrlKey] ?? new GatewayOptions().Url));
        builder.Logging.LeaveFailedStarts();
        builder.AddGateway();
        builder.Services.PostConfigure<PostgresStorageOptions>(options => options.WaitAtStart = true);
        builder.Services.StartInBackground();
        var app = builder.Build();
        app.UseAgentOs().UseMiddleware<StartMiddleware>();
        app.MapAgentOs();
        app.MapOrchestratorHealth();
        return app;
    }

    private static void Announce(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Cluster.Gateway");
        var cluster = app.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        if (cluster.ConnectionString is null)
        {
            LogDevelopment(logger, cluster.GatewayPort);
        }

        foreach (var url in app.Urls)
        {
            LogReady(logger, url, app.Services.GetRequiredService<ClusterAgents>().Agents.Count);
        }
    }

    [LoggerMessage(LogLevel.Warning, "This gateway serves the development silo at port {GatewayPort}: nothing survives its end. Set Cluster__Store=postgres:… for a cluster that does")]
    private static partial void LogDevelopment(ILogger logger, int gatewayPort);

    [LoggerMessage(LogLevel.Information, "Ready at {Url} (browse {Url}/docs), {Count} agents, no authentication")]
    private static partial void LogReady(ILogger logger, string url, int count);
}
