using Cluster.Api.Tests;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Gateway.Tests.Runs;

public sealed class ReaderTests(TwoGateways gateways) : IClassFixture<TwoGateways>
{
    private const int Whole = 7;

    [Theory]
    [InlineData(-1, 7)]
    [InlineData(0, 6)]
    [InlineData(3, 3)]
    [InlineData(6, 0)]
    public async Task A_run_that_is_over_is_read_after_an_index_through_either_gateway(long afterIndex, int left)
    {
        var runId = await StartAsync(out var model);
        model.Say("a");
        model.Say("b");
        model.Finish();
        var all = await EventsAsync(gateways.First, runId);

        var here = await EventsAsync(gateways.First, runId, afterIndex);
        var there = await EventsAsync(gateways.Second, runId, afterIndex);

        Assert.Equal(Whole, all.Count);
        Assert.Equal(Names(all.TakeLast(left)), Names(here));
        Assert.Equal(Names(all.TakeLast(left)), Names(there));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(long.MaxValue)]
    public async Task A_reader_beyond_the_end_gets_the_last_event_only(long afterIndex)
    {
        var runId = await StartAsync(out var model);
        var reader = EventsAsync(gateways.Second, runId, afterIndex);

        model.Say("a");
        model.Finish();

        Assert.IsType<RunCompleted>(Assert.Single(await reader));
    }

    [Fact]
    public async Task Readers_of_both_gateways_see_each_word_while_the_model_still_speaks()
    {
        var runId = await StartAsync(out var model);
        await using var here = gateways.First.ReadEventsAsync(runId, -1, TestApi.Stop).GetAsyncEnumerator(TestApi.Stop);
        await using var there = gateways.Second.ReadEventsAsync(runId, -1, TestApi.Stop).GetAsyncEnumerator(TestApi.Stop);

        model.Say("Hel");
        Assert.Equal("Hel", await NextWordAsync(here));
        Assert.Equal("Hel", await NextWordAsync(there));
        model.Say("lo");
        Assert.Equal("lo", await NextWordAsync(there));
        Assert.Equal("lo", await NextWordAsync(here));
        model.Finish();
    }

    [Fact]
    public async Task A_summary_says_through_either_gateway_what_the_run_says_while_it_lives_and_afterwards()
    {
        var runId = await StartAsync(out var model);
        await using var reader = gateways.First.ReadEventsAsync(runId, -1, TestApi.Stop).GetAsyncEnumerator(TestApi.Stop);
        model.Say("a");
        Assert.Equal("a", await NextWordAsync(reader));

        foreach (var host in (IRunHost[])[gateways.First, gateways.Second])
        {
            var live = await host.FindAsync(runId, TestApi.Stop);
            Assert.NotNull(live?.EventCount);
            Assert.Equal(RunSummary.Of(live.Output, live.Streamed) with { EventCount = live.EventCount }, await host.FindSummaryAsync(runId, TestApi.Stop));
        }

        model.Finish();
        var done = await gateways.First.WaitAsync(runId, TestApi.Stop);
        Assert.Equal(RunStatus.Completed, (await gateways.First.FindSummaryAsync(runId, TestApi.Stop))?.Status);
        Assert.Equal(done.SessionId, (await gateways.Second.FindSummaryAsync(runId, TestApi.Stop))?.SessionId);
        Assert.Null(await gateways.First.FindSummaryAsync("nobody", TestApi.Stop));
    }

    [Fact]
    public async Task A_reader_that_falls_far_behind_misses_nothing()
    {
        const int Words = 5_000;
        var runId = await StartAsync(out var model);
        await using var slow = gateways.First.ReadEventsAsync(runId, -1, TestApi.Stop).GetAsyncEnumerator(TestApi.Stop);
        Assert.True(await slow.MoveNextAsync());

        for (var word = 0; word < Words; word++)
        {
            model.Say($"{word} ");
        }

        await gateways.First.ReadEventsAsync(runId, Words, TestApi.Stop).FirstAsync(TestApi.Stop);
        List<RunEvent> seen = [slow.Current];
        while (seen.Count < Words && await slow.MoveNextAsync())
        {
            seen.Add(slow.Current);
        }

        model.Finish();
        while (await slow.MoveNextAsync())
        {
            seen.Add(slow.Current);
        }

        AssertGapless(seen);
        Assert.Equal(string.Concat(Enumerable.Range(0, Words).Select(word => $"{word} ")), ((RunCompleted)seen[^1]).Content?.Text);
    }

    [Fact]
    public async Task Many_readers_of_a_run_see_the_same_wherever_they_begin()
    {
        var runId = await StartAsync(out var model);
        var readers = new List<Task<List<RunEvent>>>();
        for (var word = 0; word < 20; word++)
        {
            readers.Add(EventsAsync(word % 2 == 0 ? gateways.First : gateways.Second, runId));
            model.Say($"{word}");
        }

        model.Finish();

        var seen = await Task.WhenAll(readers);
        Assert.All(seen, AssertGapless);
        Assert.All(seen, events => Assert.Equal(Names(seen[0]), Names(events)));
    }

    [Fact]
    public async Task Whoever_waits_gets_the_outcome_through_either_gateway()
    {
        var runId = await StartAsync(out var model);
        var here = gateways.First.WaitAsync(runId, TestApi.Stop);
        var there = gateways.Second.WaitAsync(runId, TestApi.Stop);

        model.Say("done");
        model.Finish();

        Assert.Equal("done", (await here).Content?.Text);
        Assert.Equal("done", (await there).Content?.Text);
        Assert.Equal("done", (await gateways.Second.WaitAsync(runId, TestApi.Stop)).Content?.Text);
    }

    [Fact]
    public async Task An_unknown_run_is_not_found()
    {
        Assert.Null(await gateways.First.FindAsync("nobody", TestApi.Stop));
        await Assert.ThrowsAsync<NotFoundException>(() => EventsAsync(gateways.First, "nobody"));
        await Assert.ThrowsAsync<NotFoundException>(() => gateways.First.WaitAsync("nobody", TestApi.Stop));
        await Assert.ThrowsAsync<NotFoundException>(() => gateways.First.ContinueAsync(new RunContinuation("nobody", null), TestApi.Stop));
        await gateways.First.CancelAsync("nobody", TestApi.Stop);
    }

    private Task<string> StartAsync(out SpokenModel model)
    {
        var input = Guid.NewGuid().ToString();
        model = gateways.Speech.To(input);
        return gateways.First.StartAsync(TwoGateways.Ask("speaker", input), TestApi.Stop);
    }

    private static Task<List<RunEvent>> EventsAsync(IRunHost host, string runId, long afterIndex = -1) =>
        host.ReadEventsAsync(runId, afterIndex, TestApi.Stop).ToListAsync(TestApi.Stop).AsTask();

    private static async Task<string?> NextWordAsync(IAsyncEnumerator<RunEvent> events)
    {
        while (await events.MoveNextAsync())
        {
            if (events.Current is RunContent word)
            {
                return word.Content?.Text;
            }
        }

        return null;
    }

    private static IEnumerable<string> Names(IEnumerable<RunEvent> events) => events.Select(next => $"{next.EventIndex} {next.Event}");

    private static void AssertGapless(List<RunEvent> events) => Assert.Equal(Enumerable.Range(0, events.Count).Select(index => (long?)index), events.Select(next => next.EventIndex));
}
