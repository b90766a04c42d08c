using Cluster.Hosting;
using Orleans.Dashboard;

namespace Cluster.Silo;

/// <summary>What operators see of the runtime: its own dashboard, and in the log what is worth a line.</summary>
internal static class SiloOperation
{
    /// <summary>Where the dashboard is served.</summary>
    public const string DashboardPath = "/dashboard";

    /// <summary>Keeps the log quiet, and counts what the dashboard shows where <see cref="SiloOptions.Dashboard"/> asks for it.</summary>
    /// <param name="orleans">The silo.</param>
    /// <param name="silo">How it is operated.</param>
    public static void Configure(ISiloBuilder orleans, SiloOptions silo)
    {
        // The runtime tells of every attempt to place a grain, which it repeats by itself, and that it would like another garbage collector: Silo.csproj says why not.
        orleans.Services.AddLogging(logging => logging.SetDefaultLevel("Polly", LogLevel.Error).SetDefaultLevel("Orleans.Runtime.Silo", LogLevel.Error));
        if (silo.Dashboard)
        {
            // The silo's log may hold what users said.
            orleans.AddDashboard(dashboard => dashboard.HideTrace = true);
        }
    }

    /// <summary>Serves the dashboard where it is asked for.</summary>
    /// <param name="app">The silo.</param>
    /// <param name="silo">How it is operated.</param>
    public static void MapDashboard(this WebApplication app, SiloOptions silo)
    {
        if (silo.Dashboard)
        {
            app.MapOrleansDashboard(DashboardPath);
        }
    }
}
