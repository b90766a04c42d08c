using System.Net.Sockets;
using Cluster.Api.Hosting;
using Cluster.Engine.Errors;
using Cluster.Hosting;
using Cluster.Hosting.Health;
using Microsoft.Extensions.Options;

namespace Cluster.Standalone;

/// <summary>Puts API, engine and store into one process.</summary>
internal static class Server
{
    /// <summary>Serves until the process is asked to stop.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <param name="cancellationToken">Stops serving.</param>
    /// <returns>The exit code: 0 after a stop, 1 when the server could not start.</returns>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = Build(settings);
            await app.StartAsync(cancellationToken);
            Announcement.Print(app);
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (Exception refusal) when (IsRefusal(refusal))
        {
            await Console.Error.WriteLineAsync($"The server cannot start. {refusal.Message}");
            return 1;
        }
    }

    /// <summary>The store says with <see cref="InvalidDataException"/> that its files are damaged or of a newer version, and the system with its own kinds that an address cannot be listened at.</summary>
    private static bool IsRefusal(Exception error) =>
        error is EngineException or OptionsValidationException or IOException or InvalidDataException or SocketException;

    private static WebApplication Build(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.AddInMemoryCollection(settings);
        AgentOsEnvironment.RefuseKeys(builder.Configuration);
        AgentOsEnvironment.AddDefaults(builder.Configuration, $"{StandaloneOptions.SectionName}:{nameof(StandaloneOptions.Url)}");
        var options = builder.Configuration.GetSection(StandaloneOptions.SectionName).Get<StandaloneOptions>() ?? new StandaloneOptions();
        builder.WebHost.UseUrls(ListenAddress.Check(options.Url));
        AddServices(builder.Services, options);
        builder.AddTelemetry("cluster-standalone");

        var app = builder.Build();
        app.MapAgentOs();
        app.MapOrchestratorHealth();
        return app;
    }

    private static void AddServices(IServiceCollection services, StandaloneOptions options)
    {
        services.AddOptions<StandaloneOptions>().BindConfiguration(StandaloneOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StandaloneOptions>, StandaloneOptionsValidator>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        services.AddModelProviders();
        services.AddStore(options.Store);
        services.AddEngine();
        services.AddAgentOsApi();
        services.AddHostedService<RunRecovery>();
        services.AddReadinessCheck<StoreReadinessCheck>();
        if (options.Definitions is { } definitions)
        {
            services.AddAgentDefinitions(definitions);
        }
        else
        {
            services.AddDemoAgents();
        }
    }
}
