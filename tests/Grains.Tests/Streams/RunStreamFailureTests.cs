using System.Diagnostics;
using Cluster.Grains.Interfaces.Streams;

namespace Cluster.Grains.Tests.Streams;

public sealed class RunStreamFailureTests
{
    private static readonly string[] Streams = [.. Enumerable.Range(0, 8).Select(number => $"stream{number}")];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_flow_again_within_seconds_after_a_silo_with_queues_was_killed()
    {
        await using var cluster = await StreamCluster.DeployAsync();
        var readers = await Task.WhenAll(Streams.Select(stream => StreamReader.SubscribeAsync(cluster.Client, stream)));
        await ExchangeAsync(cluster, readers, 0);

        await cluster.KillSecondSiloAsync();
        var clock = Stopwatch.StartNew();
        await ExchangeAsync(cluster, readers, 1);

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Single(await cluster.Client.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Stop));
        TestContext.Current.TestOutputHelper?.WriteLine($"Items flowed again after {clock.Elapsed}.");
    }

    [Fact]
    public async Task A_reader_that_waits_does_not_hold_up_a_silo_that_stops()
    {
        await using var cluster = await StreamCluster.DeployAsync();
        var readers = await Task.WhenAll(Streams.Select(stream => StreamReader.SubscribeAsync(cluster.Client, stream)));
        await ExchangeAsync(cluster, readers, 0);

        var clock = Stopwatch.StartNew();
        await cluster.StopSecondSiloAsync();

        TestContext.Current.TestOutputHelper?.WriteLine($"The silo stopped after {clock.Elapsed}.");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(StreamCluster.WaitSeconds - 1));
        await ExchangeAsync(cluster, readers, 1);
    }

    [Fact]
    public async Task A_client_that_vanished_does_not_stop_delivery_to_others()
    {
        await using var cluster = await StreamCluster.DeployAsync();
        var gone = await StreamReader.SubscribeAsync(cluster.Client, "shared");
        await ExchangeAsync(cluster, "shared", gone, 0);

        await cluster.ReplaceClientAsync();
        var reader = await StreamReader.SubscribeAsync(cluster.Client, "shared");
        for (var number = 1; number < 4; number++)
        {
            await cluster.ProduceAsync("p/shared", "shared", number, 1);
            Assert.Equal(number, (await reader.NextAsync(Stop)).Number);
        }
    }

    [Fact]
    public async Task Memory_streams_can_take_the_place()
    {
        await using var cluster = await StreamCluster.DeployAsync(RunStreamKind.Memory);
        var reader = await StreamReader.SubscribeAsync(cluster.Client, "memory");

        await cluster.ProduceAsync("p/memory", "memory", 5, 1);

        Assert.Equal(new Item("p/memory", 5), await reader.NextAsync(Stop));
    }

    private static Task ExchangeAsync(StreamCluster cluster, StreamReader[] readers, int number) =>
        Task.WhenAll(Streams.Zip(readers, (stream, reader) => ExchangeAsync(cluster, stream, reader, number)));

    /// <summary>Produces until the reader has something: what is lost while a silo is replaced stays lost.</summary>
    private static async Task ExchangeAsync(StreamCluster cluster, string stream, StreamReader reader, int number)
    {
        var next = NextAsync(reader, number);
        while (!next.IsCompleted)
        {
            try
            {
                await cluster.ProduceAsync($"p/{stream}", stream, number, 1);
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"The producer was away: {exception.Message}");
            }

            await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Stop));
        }

        await next;
    }

    private static async Task NextAsync(StreamReader reader, int number)
    {
        while ((await reader.NextAsync(Stop)).Number != number)
        {
        }
    }
}
