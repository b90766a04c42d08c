using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every <see cref="IRunRecords"/> does.</summary>
public abstract class RunRecordsConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_that_does_not_exist_has_no_record()
    {
        await using var store = await OpenAsync();

        Assert.Null(await store.Records.FindAsync("nobody", Stop));
        Assert.Empty(await store.Records.ListAsync(new RunQuery("nowhere"), Stop));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_tells_whether_the_caller_asked_for_the_events(bool streamed)
    {
        await using var store = await OpenAsync();

        await store.Log.AcceptAsync(Samples.Accept(Samples.Request("r1") with { Streamed = streamed }), Stop);

        Assert.Equal(streamed, (await store.Records.FindAsync("r1", Stop))?.Streamed);
        Assert.Equal(streamed, (await store.Records.ListAsync(new RunQuery("s1"), Stop))[0].Streamed);
    }

    [Fact]
    public async Task A_record_is_the_one_that_was_given_last()
    {
        await using var store = await OpenAsync();
        var accepted = await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        var done = Samples.Output("r1", RunStatus.Completed) with { Content = Samples.Text, SessionState = Samples.Json("""{"z":1,"a":1.50}""") };

        await store.Log.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")) with { Output = Samples.Output("r1", RunStatus.Running) }, Stop);
        await store.Log.AppendAsync(Samples.Append("r1", 2, Samples.Event("b")) with { Output = done }, Stop);
        await store.Log.AppendAsync(Samples.Append("r1", 3, Samples.Event("c")), Stop);

        var record = await store.Records.FindAsync("r1", Stop);
        Assert.Equal(accepted.Sequence, record?.Sequence);
        Assert.Equal(Samples.ToJson(done), Samples.ToJson(record?.Output));
        Assert.Equal([Samples.ToJson(done)], (await store.Records.ListAsync(new RunQuery("s1"), Stop)).Select(run => Samples.ToJson(run.Output)));
    }

    [Fact]
    public async Task Runs_of_a_session_are_listed_oldest_first_and_those_of_others_are_not()
    {
        await using var store = await OpenWithRunsAsync("b", "a", "c");
        await store.Log.AcceptAsync(Samples.Accept("other", "s2"), Stop);

        Assert.Equal(["b", "a", "c"], await ListAsync(store, new RunQuery("s1")));
    }

    [Fact]
    public async Task The_last_runs_are_the_newest_and_still_oldest_first()
    {
        await using var store = await OpenWithRunsAsync("r1", "r2", "r3", "r4");

        Assert.Equal(["r3", "r4"], await ListAsync(store, new RunQuery("s1") { Last = 2 }));
        Assert.Equal(["r1", "r2", "r3", "r4"], await ListAsync(store, new RunQuery("s1") { Last = 10 }));
    }

    [Fact]
    public async Task Runs_before_a_sequence_leave_that_run_and_later_ones_out()
    {
        await using var store = await OpenWithRunsAsync("r1", "r2", "r3", "r4");
        var bound = (await store.Records.FindAsync("r3", Stop))?.Sequence;

        Assert.Equal(["r1", "r2"], await ListAsync(store, new RunQuery("s1") { Before = bound }));
        Assert.Equal(["r2"], await ListAsync(store, new RunQuery("s1") { Before = bound, Last = 1 }));
    }

    [Fact]
    public async Task Runs_of_a_status_are_counted_after_the_filter()
    {
        await using var store = await OpenWithRunsAsync("r1", "r2", "r3", "r4");
        foreach (var runId in (string[])["r1", "r2", "r4"])
        {
            await store.Log.AppendAsync(Samples.Append(runId, 1) with { Output = Samples.Output(runId, RunStatus.Completed) }, Stop);
        }

        Assert.Equal(["r2", "r4"], await ListAsync(store, new RunQuery("s1") { Status = RunStatus.Completed, Last = 2 }));
        Assert.Equal(["r3"], await ListAsync(store, new RunQuery("s1") { Status = RunStatus.Pending, Last = 2 }));
    }

    [Fact]
    public async Task Runs_that_another_run_started_can_be_left_out()
    {
        await using var store = await OpenWithRunsAsync("r1");
        await store.Log.AcceptAsync(Samples.Accept(Samples.Request("child") with { ParentRunId = "r1" }), Stop);
        await store.Log.AcceptAsync(Samples.Accept("r2"), Stop);

        Assert.Equal(["r1", "child", "r2"], await ListAsync(store, new RunQuery("s1")));
        Assert.Equal(["r1", "r2"], await ListAsync(store, new RunQuery("s1") { TopLevelOnly = true, Last = 2 }));
    }

    [Fact]
    public async Task A_summary_says_of_every_run_what_its_record_says()
    {
        await using var store = await OpenAsync();
        await Samples.FillTeamAsync(store.Log);
        var request = Samples.Request("r1", "s2") with { UserId = "ü", Streamed = true };
        await store.Log.AcceptAsync(Samples.Accept(request), Stop);
        await store.Log.AcceptAsync(Samples.Accept(Samples.Request("r2", "s3")), Stop);
        await store.Log.AppendAsync(Samples.Append("r1", 1) with { Output = Samples.Output(request, RunStatus.Completed) with { Content = Samples.Text } }, Stop);
        await store.Log.AppendAsync(Samples.Append("r2", 1) with { Regenerated = "r1" }, Stop);

        foreach (var runId in (string[])["team", "sub", "leaf", "at-work", "r1", "r2"])
        {
            var record = await store.Records.FindAsync(runId, Stop);
            Assert.Equal(RunSummary.Of(record!.Output, record.Streamed), await store.Records.FindSummaryAsync(runId, Stop));
        }

        Assert.Equal(new RunSummary("sub", "team", "sub-desk", SessionType.Team, null, "team", RunStatus.Completed), await store.Records.FindSummaryAsync("sub", Stop));
        Assert.Equal(new RunSummary("r1", "s2", "writer", SessionType.Agent, "ü", null, RunStatus.Regenerated) { Streamed = true }, await store.Records.FindSummaryAsync("r1", Stop));
        Assert.Null(await store.Records.FindSummaryAsync("nobody", Stop));
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract Task<StoreUnderTest> OpenAsync();

    private static async Task<IEnumerable<string>> ListAsync(StoreUnderTest store, RunQuery query) =>
        (await store.Records.ListAsync(query, Stop)).Select(run => run.Output.RunId);

    private async Task<StoreUnderTest> OpenWithRunsAsync(params string[] runIds)
    {
        var store = await OpenAsync();
        foreach (var runId in runIds)
        {
            await store.Log.AcceptAsync(Samples.Accept(runId), Stop);
        }

        return store;
    }
}
