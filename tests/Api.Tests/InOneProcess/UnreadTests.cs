using Cluster.Api.Sending;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Api.Tests.InOneProcess;

/// <summary>Readers that take nothing. The tests look at the memory of the process, so they run alone.</summary>
[CollectionDefinition(nameof(UnreadTests), DisableParallelization = true)]
[Collection(nameof(UnreadTests))]
public sealed class UnreadTests
{
    private const int MiB = 1024 * 1024;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Readers_of_a_large_run_that_read_nothing_cost_little_and_others_are_served()
    {
        const int Size = 8 * MiB;
        await using var api = await StartAsync(TestApi.Scripted("large", "Large", new Script { Text = new string('x', Size), Deltas = 1 }));
        var run = await api.RunAsync("large");
        var path = $"/agents/large/runs/{run.GetProperty("run_id")}/resume";
        using (var first = await UnreadStream.PostAsync(api, path))
        {
            Assert.Contains("event: RunCompleted", await first.ReadToEndAsync(), StringComparison.Ordinal);
        }

        var before = Memory();
        var unread = await UnreadStream.PostManyAsync(api, path, 20);
        await api.RunAsync("echo-agent").WaitAsync(Soon, TestApi.Stop);
        await api.RunAsync("echo-agent").WaitAsync(Soon, TestApi.Stop);
        await WhenAllWaitAsync(api, unread.Length);

        // One copy of the log for all, where it is not in this process anyway; before, each reader had several.
        Assert.InRange(Memory() - before, long.MinValue, 8 * Size);
        Array.ForEach(unread, reader => reader.Dispose());
    }

    [Fact]
    public async Task Readers_of_a_long_run_at_work_that_read_nothing_cost_little_and_others_are_served()
    {
        const int Words = 4_000;
        using var model = new SpokenModel();
        await using var api = await StartAsync(model.Agent);
        using var live = await LiveStream.PostAsync(api, "/agents/spoken/runs", ("message", "Hi"), ("stream", "true"));
        var runId = LiveStream.RunIdOf((await live.NextAsync())!);
        for (var word = 0; word < Words; word++)
        {
            model.Say(new string('x', 2_000));
        }

        for (var words = 0; words < Words;)
        {
            words += (await live.NextAsync())!.StartsWith("event: RunContent\n", StringComparison.Ordinal) ? 1 : 0;
        }

        var before = Memory();
        var unread = await UnreadStream.PostManyAsync(api, $"/agents/spoken/runs/{runId}/resume", 200);
        await api.RunAsync("echo-agent").WaitAsync(Soon, TestApi.Stop);
        await api.RunAsync("echo-agent").WaitAsync(Soon, TestApi.Stop);
        await WhenAllWaitAsync(api, unread.Length);

        Assert.InRange(Memory() - before, long.MinValue, 64 * MiB);
        Array.ForEach(unread, reader => reader.Dispose());
        model.Finish();
        await live.UntilAsync("event: RunCompleted");
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_dropped_when_all_hold_up_too_much_and_can_resume()
    {
        const int Size = 8 * MiB;
        await using var api = await StartAsync(
            TestApi.Scripted("large", "Large", new Script { Text = new string('x', Size), Deltas = 1 }), ("Memory:UnsentBytes", (600 * 1024).ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var run = await api.RunAsync("large");
        var path = $"/agents/large/runs/{run.GetProperty("run_id")}/resume";
        var unread = await UnreadStream.PostManyAsync(api, path, 20);

        // Those that are dropped do not get the end; reading the others makes room.
        var read = await Task.WhenAll(unread.Select(reader => reader.ReadToEndAsync().WaitAsync(Soon, TestApi.Stop)));

        var complete = read.Count(text => text.Contains("event: RunCompleted", StringComparison.Ordinal));
        Assert.InRange(complete, 1, 19);
        var again = await api.PostAsync(path, ("last_event_index", "2"));
        Assert.Contains("event: RunCompleted", again, StringComparison.Ordinal);
        Array.ForEach(unread, reader => reader.Dispose());
    }

    private static Task<TestApi> StartAsync(Agent agent, params (string Key, string Value)[] settings) => TestApi.StartOnNetworkAsync(
        configure: services => services.AddAgent(agent), settings: settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value, StringComparer.Ordinal));

    /// <summary>Waits until each reader holds up what it holds up: before, the log may not have been read yet, or is just being read.</summary>
    private static async Task WhenAllWaitAsync(TestApi api, int count)
    {
        var readers = api.Services.GetRequiredService<SlowReaders>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestApi.Stop);
        patience.CancelAfter(Soon);
        while (readers.Count < count)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
