using Cluster.Hosting;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace Cluster.Silo;

/// <summary>What operators see of the runtime: its own dashboard, in the log what is worth a line, and no memory that grows with the sessions.</summary>
internal static class SiloOperation
{
    /// <summary>Where the dashboard is served.</summary>
    public const string DashboardPath = "/dashboard";

    /// <summary>What the runtime's cache takes for each grain whose place it remembers, by measurement.</summary>
    private const int BytesPerPlace = 600;

    /// <summary>Keeps the log quiet, remembers the places of as many grains as memory allows, and counts what the dashboard shows where <see cref="SiloOptions.Dashboard"/> asks for it.</summary>
    /// <param name="orleans">The silo.</param>
    /// <param name="silo">How it is operated.</param>
    public static void Configure(ISiloBuilder orleans, SiloOptions silo)
    {
        // The runtime tells of every attempt to place a grain, which it repeats by itself, and that it would like another garbage collector: Silo.csproj says why not.
        // A call that reaches a silo which stops, such as the pulse of a gateway, is an error with a stack trace to it.
        orleans.Services.AddLogging(logging => logging.SetDefaultLevel("Polly", LogLevel.Error).SetDefaultLevel("Orleans.Runtime.Silo", LogLevel.Error).LeaveErrorsWhileStopping("Orleans.Messaging"));
        orleans.Configure<GrainCollectionOptions>(options =>
        {
            options.DeactivationTimeout = TimeSpan.FromSeconds(silo.HandOverSeconds + 5);

            // Left alone the runtime looks once a minute, and most sessions that it then lets go had been quiet for twice as long as they should be.
            options.CollectionQuantum = TimeSpan.FromSeconds(10);
        });
        orleans.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = PlacesFor(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
        if (silo.Dashboard)
        {
            // The silo's log may hold what users said.
            orleans.AddDashboard(dashboard => dashboard.HideTrace = true);
        }
    }

    /// <summary>
    /// Gives the number of places to remember: for a thirty-second part of the memory, and between 10,000 and 200,000. Left alone the runtime remembers a million,
    /// of sessions that nobody comes back to as well; a place that it forgot costs one question to the directory.
    /// </summary>
    /// <param name="memoryBytes">The bytes that the process may use.</param>
    internal static int PlacesFor(long memoryBytes) => (int)Math.Clamp(memoryBytes / 32 / BytesPerPlace, 10_000, 200_000);

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
