using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Microsoft.Extensions.Options;

namespace Cluster.Standalone;

/// <summary>Puts API, engine and store into one process.</summary>
internal static partial class Server
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
            Announce(app);
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (Exception refusal) when (refusal is EngineException or OptionsValidationException or IOException)
        {
            await Console.Error.WriteLineAsync($"The server cannot start. {refusal.Message}");
            return 1;
        }
    }

    private static WebApplication Build(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.AddInMemoryCollection(settings);
        var options = builder.Configuration.GetSection(StandaloneOptions.SectionName).Get<StandaloneOptions>() ?? new StandaloneOptions();
        builder.WebHost.UseUrls(options.Url);

        var services = builder.Services;
        services.AddOptions<StandaloneOptions>().BindConfiguration(StandaloneOptions.SectionName).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StandaloneOptions>, StandaloneOptionsValidator>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        services.AddModelProviders();
        services.AddStore(options.Store);
        services.AddEngine();
        services.AddAgentOsApi();
        services.AddHostedService<RunRecovery>();
        if (options.Definitions is { } definitions)
        {
            services.AddAgentDefinitions(definitions);
        }
        else
        {
            services.AddDemoAgents();
        }

        var app = builder.Build();
        app.MapAgentOs();
        return app;
    }

    private static void Announce(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILogger<WebApplication>>();
        var options = app.Services.GetRequiredService<IOptions<StandaloneOptions>>().Value;
        var model = app.Services.GetRequiredService<ModelCatalog>().DefaultReference;
        if (model == ScriptedModelProvider.DefaultReference)
        {
            LogScriptedModel(logger);
        }

        if (options.Store.StartsWith("memory:", StringComparison.Ordinal))
        {
            LogNothingIsKept(logger);
        }

        foreach (var url in app.Urls)
        {
            LogReady(logger, url, model, options.Store.Split(':')[0]);
        }
    }

    [LoggerMessage(LogLevel.Warning, "No model is configured: agents without a model of their own are answered by the built-in scripted model. Set OPENAI_API_KEY or ANTHROPIC_API_KEY for a real one")]
    private static partial void LogScriptedModel(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "The store is memory: runs and sessions are lost when the process ends")]
    private static partial void LogNothingIsKept(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Ready at {Url} (browse {Url}/docs), default model {Model}, store {Store}, no authentication")]
    private static partial void LogReady(ILogger logger, string url, string model, string store);
}
