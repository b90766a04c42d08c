using System.Globalization;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Grains.Interfaces.Keys;
using Cluster.Grains.Interfaces.Sessions;
using Cluster.Storage.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cluster.ClusterBenchmarks;

/// <summary>What a session that had a run costs in the memory of its silo: idle, with its grain at hand, and dormant, when the grain was let go.</summary>
internal static class SessionMemory
{
    private const string Postgres = "postgres:";
    private const int CallsAtOnce = 32;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static async Task MeasureAsync(string store, int sessions, int port, CancellationToken cancellationToken)
    {
        await MigrateAsync(store, cancellationToken);
        using var host = NewSilo(store, port);
        await host.StartAsync(cancellationToken);

        // What the first sessions cost is code, caches and connections.
        await RunAsync(host, sessions, cancellationToken);
        var before = await LetGoAsync(host, cancellationToken);
        await RunAsync(host, sessions, cancellationToken);
        var idle = Size();
        var active = await CountAsync(host);
        var dormant = await LetGoAsync(host, cancellationToken);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{sessions} sessions, {active} grains of them at hand: {Share(idle):N0} bytes each while idle, {Share(dormant):N0} bytes each while dormant"));
        await host.StopAsync(CancellationToken.None);

        double Share(long size) => (size - before) / (double)sessions;
    }

    private static async Task MigrateAsync(string store, CancellationToken cancellationToken)
    {
        if (!store.StartsWith(Postgres, StringComparison.Ordinal))
        {
            throw new InvalidRequestException("A store in memory would be measured along. Name a database with --store postgres:CONNECTION.");
        }

        await using var dataSource = PostgresConnection.CreateDataSource(store[Postgres.Length..]);
        await new PostgresMigrator(dataSource).UpAsync(cancellationToken);
    }

    private static IHost NewSilo(string store, int port)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Cluster:Store"] = store,
            ["Cluster:GatewayPort"] = (port + 1).ToString(CultureInfo.InvariantCulture),
            ["Silo:Port"] = port.ToString(CultureInfo.InvariantCulture),
        });
        builder.AddSilo();
        return builder.Build();
    }

    /// <summary>Runs once in each of so many new sessions, and waits until all runs are over and their grains gone.</summary>
    private static async Task RunAsync(IHost host, int sessions, CancellationToken cancellationToken)
    {
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        await Parallel.ForAsync(0, sessions, new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken }, async (_, _) =>
        {
            var request = new RunRequest
            {
                RunId = Guid.NewGuid().ToString(),
                SessionId = Guid.NewGuid().ToString(),
                AgentId = "assistant",
                Input = new RunInput { InputContent = "Hello" },
            };
            await grains.GetGrain<ISessionGrain>(new SessionKey(TenantId.Default, request.SessionId).ToString()).StartAsync(new RunStart(request, Watch: null));
        });
        while (await CountAsync(host, "run") > 0)
        {
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<long> LetGoAsync(IHost host, CancellationToken cancellationToken)
    {
        while (await CountAsync(host) > 0)
        {
            await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero, cancellationToken);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return Size();
    }

    private static async Task<int> CountAsync(IHost host, string kind = "session")
    {
        var statistics = await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        return statistics.Where(grain => grain.GrainType.Contains($"{kind}Grain", StringComparison.OrdinalIgnoreCase)).Sum(grain => grain.ActivationCount);
    }

    private static long Size()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
