using Cluster.Engine.Agents;
using Cluster.Hosting;
using Cluster.Storage.Postgres;
using Microsoft.Extensions.Options;

namespace Cluster.Silo;

/// <summary>A silo with health for orchestrators.</summary>
internal static class Server
{
    /// <summary>Runs until the process is asked to stop.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <param name="cancellationToken">Stops the silo.</param>
    /// <returns>The exit code: 0 after a stop, 1 when the silo could not start.</returns>
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken) =>
        ServerProgram.RunAsync("silo", () => Build(settings), Announcement.Print, cancellationToken);

    /// <summary>Creates the builder with all settings in place.</summary>
    /// <param name="settings">The settings from the command line.</param>
    /// <returns>The builder.</returns>
    public static WebApplicationBuilder CreateBuilder(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseUrls(ListenAddress.Check(builder.Configuration[$"{SiloOptions.SectionName}:{nameof(SiloOptions.Url)}"] ?? new SiloOptions().Url));
        return builder;
    }

    private static WebApplication Build(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = CreateBuilder(settings);
        builder.Logging.LeaveFailedStarts();
        builder.Services.AddHostedService<PortCheck>();
        builder.Services.AddHostedService(provider => new AgentsCheck(new Lazy<IAgentCatalog>(provider.GetRequiredService<IAgentCatalog>)));
        builder.AddSilo();
        builder.Services.PostConfigure<PostgresStorageOptions>(options => options.WaitAtStart = true);
        builder.Services.StartInBackground();
        var app = builder.Build();
        app.MapOrchestratorHealth();
        app.MapDashboard(app.Services.GetRequiredService<IOptions<SiloOptions>>().Value);
        return app;
    }
}
