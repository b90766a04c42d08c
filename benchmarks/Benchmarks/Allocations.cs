using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Globalization;

namespace Cluster.Benchmarks;

/// <summary>What a run in this process allocates, by type. The runtime tells of one object in about 100 KiB; with many runs the shares are good to a percent.</summary>
internal static class Allocations
{
    private const int WarmUp = 5000;
    private const int Shown = 40;

    public static async Task MeasureAsync(string store, bool callsTool, int runs, CancellationToken cancellationToken)
    {
        await using var harness = await Harness.StartWithAsync(store, Harness.NewAgent(Harness.AgentId, callsTool));
        await RunAsync(WarmUp);
        using var heard = new AllocationListener();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await RunAsync(runs);
        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)runs;
        var types = heard.Types.ToArray();
        var all = types.Sum(type => type.Value);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes a run"));
        foreach (var (type, count) in types.OrderByDescending(type => type.Value).Take(Shown))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count * bytes / all,8:N0}  {type}"));
        }

        async Task RunAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await harness.RunAsync(Guid.NewGuid().ToString(), cancellationToken);
            }
        }
    }

    private sealed class AllocationListener : EventListener
    {
        private const EventKeywords GarbageCollection = (EventKeywords)1;

        public ConcurrentDictionary<string, int> Types { get; } = new(StringComparer.Ordinal);

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            {
                EnableEvents(eventSource, EventLevel.Verbose, GarbageCollection);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            // The base class enables events before the fields of this one are there.
            if (Types is not null && eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true
                && eventData.PayloadNames?.IndexOf("TypeName") is >= 0 and var place)
            {
                Types.AddOrUpdate((string)eventData.Payload![place]!, 1, static (_, count) => count + 1);
            }
        }
    }
}
