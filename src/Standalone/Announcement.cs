using Cluster.Engine.Models;
using Microsoft.Extensions.Options;

namespace Cluster.Standalone;

/// <summary>What the server says when it is up.</summary>
internal static partial class Announcement
{
    /// <summary>Logs what was started, shortcuts of development first.</summary>
    /// <param name="app">The server, listening.</param>
    public static void Print(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Cluster.Standalone");
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
