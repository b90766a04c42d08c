using System.Diagnostics;
using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>How many runs an engine in this process completes.</summary>
internal static class RunThroughput
{
    public static async Task MeasureAsync(string store, ThroughputSettings settings, CancellationToken cancellationToken)
    {
        var callers = settings.Callers;
        await using var harness = await Harness.StartWithAsync(store, Harness.NewAgent(Harness.AgentId, settings.WithTool));
        var sessions = new SessionPool(settings.Sessions, callers.Max());
        var processes = new ServerProcesses([Environment.ProcessId, .. settings.Pids]);
        await sessions.PrepareAsync(caller => CallAsync(caller, cancellationToken));
        await Load.RunAsync(callers.Max(), TimeSpan.FromSeconds(settings.WarmUp ?? 2), CallAsync, cancellationToken);

        Console.WriteLine("| callers | runs/s | median ms | p99 ms | bytes/run | processor ms a run |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|");
        foreach (var count in callers)
        {
            processes.Begin();
            var result = await Load.RunAsync(count, TimeSpan.FromSeconds(settings.Seconds), CallAsync, cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {result.Callers} | {result.PerSecond:N0} | {result.Median:N2} | {result.P99:N2} | {result.BytesPerCall:N0} | {processes.PerCall(result.Calls)} |"));
        }

        async Task<double> CallAsync(int caller, CancellationToken stop)
        {
            await harness.RunAsync(sessions.Next(caller), stop);
            return 0;
        }
    }
}

/// <summary>Whether a long session makes runs slower. History of three runs is on.</summary>
internal static class SessionGrowth
{
    private const int Sessions = 20;
    private const int EarlyRun = 5;
    private const int LateRun = 500;

    public static async Task MeasureAsync(string store, CancellationToken cancellationToken)
    {
        await using var harness = await Harness.StartAsync(store);
        await MeasureSessionAsync(harness, cancellationToken);
        var early = new List<double>();
        var late = new List<double>();
        for (var i = 0; i < Sessions; i++)
        {
            var times = await MeasureSessionAsync(harness, cancellationToken);
            early.AddRange(times[(EarlyRun - 1)..(EarlyRun + 9)]);
            late.AddRange(times[(LateRun - 10)..LateRun]);
        }

        early.Sort();
        late.Sort();
        var (first, last) = (early[early.Count / 2], late[late.Count / 2]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"median of runs {EarlyRun}-{EarlyRun + 9}: {first:N3} ms; of runs {LateRun - 9}-{LateRun}: {last:N3} ms; ratio {last / first:N2}; {Sessions} sessions"));
    }

    private static async Task<List<double>> MeasureSessionAsync(Harness harness, CancellationToken cancellationToken)
    {
        var sessionId = Guid.NewGuid().ToString();
        var times = new List<double>();
        for (var run = 0; run < LateRun; run++)
        {
            var start = Stopwatch.GetTimestamp();
            await harness.RunAsync(sessionId, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return times;
    }
}
