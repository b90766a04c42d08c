using Cluster.Api.Hosting;
using Cluster.Hosting;
using Cluster.Hosting.Health;

namespace Cluster.Standalone;

/// <summary>Puts API, engine and store into one process.</summary>
internal static class Server
{
    /// <summary>Serves until the process is asked to stop.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <param name="cancellationToken">Stops serving.</param>
    /// <returns>The exit code: 0 after a stop, 1 when the server could not start.</returns>
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken) =>
        ServerProgram.RunAsync("server", () => Build(settings), Announcement.Print, cancellationToken);

    /// <summary>Builds everything but the API, for whoever runs agents without serving them.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <returns>The host. Its log holds warnings only: somebody looks at the terminal.</returns>
    public static IHost BuildWithoutApi(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.AddFilter(level => level >= LogLevel.Warning);
        builder.Services.AddStandalone(OptionsOf(builder.Configuration));
        return builder.Build();
    }

    /// <summary>Reads the settings, as the server would.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <returns>All settings.</returns>
    public static IConfiguration CreateConfiguration(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        return builder.Configuration;
    }

    private static WebApplication Build(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.AddInMemoryCollection(settings);
        AgentOsEnvironment.RefuseKeys(builder.Configuration);
        AgentOsEnvironment.AddDefaults(builder.Configuration, $"{StandaloneOptions.SectionName}:{nameof(StandaloneOptions.Url)}");
        var options = OptionsOf(builder.Configuration);
        builder.WebHost.UseUrls(ListenAddress.Check(options.Url));
        builder.Services.AddStandalone(options);
        builder.Services.AddMcpLogins(LoginCallback.AddressOf(options));
        builder.Services.AddRunRecovery();
        builder.Services.AddRetention();
        builder.Services.AddAgentOsApi();
        builder.Services.AddReadinessCheck<StoreReadinessCheck>();
        builder.AddTelemetry("cluster-standalone");
        builder.Logging.LeaveFailedStarts();

        var app = builder.Build();
        app.MapAgentOs();
        app.MapLoginCallback();
        app.MapOrchestratorHealth();
        return app;
    }

    private static StandaloneOptions OptionsOf(ConfigurationManager configuration) => configuration.GetSection(StandaloneOptions.SectionName).Get<StandaloneOptions>() ?? new StandaloneOptions();
}
