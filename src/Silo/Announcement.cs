using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Microsoft.Extensions.Options;
using ClusterOptions = Cluster.Grains.Interfaces.Hosting.ClusterOptions;

namespace Cluster.Silo;

/// <summary>What the silo says when it is up.</summary>
internal static partial class Announcement
{
    /// <summary>Logs what was started, shortcuts of development first.</summary>
    /// <param name="app">The silo, listening.</param>
    public static void Print(WebApplication app)
    {
        var services = app.Services;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Cluster.Silo");
        var cluster = services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        var silo = services.GetRequiredService<IOptions<SiloOptions>>().Value;
        var model = services.GetRequiredService<ModelCatalog>().DefaultReference;
        if (model == ScriptedModelProvider.DefaultReference)
        {
            LogScriptedModel(logger);
        }

        if (cluster.ConnectionString is null)
        {
            LogNothingSurvives(logger);
        }

        if (silo.Dashboard)
        {
            LogDashboard(logger, string.Join(", ", app.Urls.Select(url => url + SiloOperation.DashboardPath)));
        }

        LogReady(logger, silo.Address, silo.Port, cluster.GatewayPort, string.Join(", ", app.Urls), services.GetRequiredService<IAgentCatalog>().Agents.Count, model);
    }

    [LoggerMessage(LogLevel.Warning, "No model is configured: agents without a model of their own are answered by the built-in scripted model. Set OPENAI_API_KEY or ANTHROPIC_API_KEY for a real one")]
    private static partial void LogScriptedModel(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "This is a development silo: it is alone, and runs and sessions are lost when it ends. Set Cluster__Store=postgres:… for a cluster that survives")]
    private static partial void LogNothingSurvives(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "The dashboard is at {Url}. It asks nobody who they are: let only operators reach it")]
    private static partial void LogDashboard(ILogger logger, string url);

    [LoggerMessage(LogLevel.Information, "Silo ready at {Address}:{Port}, for gateways at port {GatewayPort}, health at {Url}, {Count} agents, default model {Model}")]
    private static partial void LogReady(ILogger logger, string address, int port, int gatewayPort, string url, int count, string model);
}
