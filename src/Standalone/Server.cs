using Cluster.Api.Hosting;
using Cluster.Engine.Outputs;
using Cluster.Hosting;
using Cluster.Hosting.Health;
using Cluster.Storage.Postgres.Claims;
using Microsoft.Extensions.Options;

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
        AddEngine(builder.Services, OptionsOf(builder.Configuration));
        return builder.Build();
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
        AddEngine(builder.Services, options);
        builder.Services.AddMcpLogins(LoginCallback.AddressOf(options));
        // Whoever does not serve must not do this: the runs of the store belong to the server that works on it.
        builder.Services.AddHostedService<RunRecovery>();
        builder.Services.AddHostedService<RunRetries>();
        builder.Services.AddHostedService<ApprovalWatch>();
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

    private static void AddEngine(IServiceCollection services, StandaloneOptions options)
    {
        services.AddOptions<StandaloneOptions>().BindConfiguration(StandaloneOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StandaloneOptions>, StandaloneOptionsValidator>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        services.AddModelProviders();
        services.AddStore(options.Store, DatabaseUse.Alone);
        services.AddSingleton<IAnswerFiles, AnswerDirectory>();
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
}
