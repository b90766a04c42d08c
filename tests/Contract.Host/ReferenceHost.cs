using Cluster.Api;
using Cluster.Engine.Teams;

namespace Cluster.Contract.Host;

/// <summary>The server that the recordings describe: the reference components behind the real API.</summary>
public static class ReferenceHost
{
    private const string DefaultAddress = "http://localhost:7780";

    /// <summary>Builds the server. Settings: <c>--urls</c> where it listens, <c>--store</c> where it keeps things: <c>sqlite:DIRECTORY</c>, <c>postgres:CONNECTION</c> or nowhere but in memory, <c>--wide true</c> for the teams for load.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="modelClock">The clock by which slow models wait; null for the system's.</param>
    /// <returns>The server, ready to start.</returns>
    public static WebApplication Build(string[] args, TimeProvider? modelClock = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.WebHost.UseUrls(DefaultAddress);
        }

        builder.Services.AddStore(builder.Configuration["store"] ?? "memory:");
        builder.Services.AddEngine();
        foreach (var agent in ReferenceAgents.Create(modelClock ?? TimeProvider.System))
        {
            builder.Services.AddAgent(agent);
        }

        IReadOnlyList<Team> wide = builder.Configuration.GetValue<bool>("wide") ? ReferenceTeams.CreateWide(modelClock ?? TimeProvider.System) : [];
        foreach (var team in ReferenceTeams.Create(modelClock ?? TimeProvider.System).Concat(wide))
        {
            builder.Services.AddTeam(team);
        }

        builder.Services.AddAgentOsApi();
        builder.Services.Configure<AgentOsOptions>(Present);
        var app = builder.Build();
        app.MapAgentOs();
        return app;
    }

    private static void Present(AgentOsOptions options)
    {
        options.Id = "demo-os";
        options.Name = "Demo OS";
        options.Description = "Reference AgentOS for recordings";
        options.DatabaseId = "demo-db";
    }
}
