using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every <see cref="ISessionCopies"/> does, and how runs are regenerated.</summary>
public abstract class SessionCopiesConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_comes_with_its_runs_in_their_order()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("other", "s0"), Stop);
        var copy = new SessionCopy(Samples.Session("s1") with { UserId = "ann", SessionState = Samples.Json("""{"n":1.50}""") }, [Run("r2"), Run("r1", RunStatus.Paused, generation: 3), Run("r3", RunStatus.Regenerated)]);

        Assert.True(await store.Copies.CreateAsync(copy, Stop));

        Assert.Equal(Samples.ToJson(copy.Session), Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
        var records = await store.Records.ListAsync(new RunQuery("s1"), Stop);
        Assert.Equal(copy.Runs.Select(run => Samples.ToJson(run.Output)), records.Select(record => Samples.ToJson(record.Output)));
        Assert.Equal(records.Select(record => record.Sequence).Order(), records.Select(record => record.Sequence));
        Assert.Equal(["r3"], (await store.Records.ListAsync(new RunQuery("s1") { Status = RunStatus.Regenerated }, Stop)).Select(record => record.Output.RunId));
        Assert.True((await store.Records.FindAsync("r2", Stop))!.Streamed);
        foreach (var run in copy.Runs)
        {
            var log = await store.Log.ReadAsync(run.Output.RunId, Stop);
            Assert.Equal(Samples.ToJson(run.Events), Samples.ToJson(log!.Events));
            Assert.Equal(run.Generation, log.Generation);
        }
    }

    [Fact]
    public async Task A_copied_run_takes_appends_and_its_session_more_runs()
    {
        await using var store = await OpenAsync();
        var copy = new SessionCopy(Samples.Session("s1"), [Run("r1", RunStatus.Paused, generation: 3)]);
        await store.Copies.CreateAsync(copy, Stop);
        var length = copy.Runs[0].Events.Length;

        await Assert.ThrowsAsync<FencedException>(() => store.Log.AppendAsync(Samples.Append("r1", length, Samples.Event("stale")), Stop));
        await store.Log.AppendAsync(Samples.Append("r1", length, Samples.Event("on")) with { Generation = 4, Output = Samples.Output("r1", RunStatus.Completed) }, Stop);
        var accepted = await store.Log.AcceptAsync(Samples.Accept("r2"), Stop);

        var records = await store.Records.ListAsync(new RunQuery("s1"), Stop);
        Assert.Equal(["r1", "r2"], records.Select(record => record.Output.RunId));
        Assert.Equal(RunStatus.Completed, records[0].Output.Status);
        Assert.Equal(length + 1, (await store.Log.ReadAsync("r1", Stop))!.Events.Length);
        Assert.True(accepted.Sequence > records[0].Sequence);
        Assert.Equal(["r2"], (await store.Log.ListUnfinishedAsync("s1", Stop)).Select(run => run.RunId));
    }

    [Fact]
    public async Task A_session_without_runs_can_be_copied_and_a_copy_deleted()
    {
        await using var store = await OpenAsync();
        Assert.True(await store.Copies.CreateAsync(new SessionCopy(Samples.Session("empty"), []), Stop));
        await store.Copies.CreateAsync(new SessionCopy(Samples.Session("s1"), [Run("r1")]), Stop);

        await store.Sessions.DeleteAsync(["s1"], null, Stop);

        Assert.NotNull(await store.Sessions.FindAsync("empty", Stop));
        Assert.Null(await store.Sessions.FindAsync("s1", Stop));
        Assert.Null(await store.Log.ReadAsync("r1", Stop));
    }

    [Fact]
    public async Task A_session_or_run_id_that_is_taken_changes_nothing()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);

        Assert.False(await store.Copies.CreateAsync(new SessionCopy(Samples.Session("s1") with { SessionName = "copy" }, [Run("r2")]), Stop));
        await Assert.ThrowsAnyAsync<EngineException>(() => store.Copies.CreateAsync(new SessionCopy(Samples.Session("s2"), [Run("r3", sessionId: "s2"), Run("r1", sessionId: "s2")]), Stop));

        Assert.Null((await store.Sessions.FindAsync("s1", Stop))!.SessionName);
        Assert.Null(await store.Records.FindAsync("r2", Stop));
        Assert.Null(await store.Sessions.FindAsync("s2", Stop));
        Assert.Null(await store.Records.FindAsync("r3", Stop));
    }

    [Fact]
    public async Task A_run_is_regenerated_together_with_the_end_of_another()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("old"), Stop);
        await store.Log.AppendAsync(Samples.Append("old", 1, Samples.Event("end")) with { Output = Samples.Output("old", RunStatus.Completed) }, Stop);
        await store.Log.AcceptAsync(Samples.Accept("new"), Stop);

        await store.Log.AppendAsync(Samples.Append("new", 1, Samples.Event("end")) with { Output = Samples.Output("new", RunStatus.Completed), Regenerated = "old" }, Stop);

        Assert.Equal(Samples.ToJson(Samples.Output("old", RunStatus.Regenerated)), Samples.ToJson((await store.Records.FindAsync("old", Stop))!.Output));
        Assert.Equal(["new"], (await store.Records.ListAsync(new RunQuery("s1") { Status = RunStatus.Completed }, Stop)).Select(record => record.Output.RunId));
        Assert.Equal([RunStatus.Regenerated, RunStatus.Completed], (await store.Records.ListAsync(new RunQuery("s1"), Stop)).Select(record => record.Output.Status));
    }

    [Theory]
    [InlineData(RunStatus.Running)]
    [InlineData(RunStatus.Paused)]
    public async Task A_run_that_went_on_meanwhile_is_not_regenerated(RunStatus status)
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("old"), Stop);
        await store.Log.AppendAsync(Samples.Append("old", 1) with { Output = Samples.Output("old", status) }, Stop);
        await store.Log.AcceptAsync(Samples.Accept("new"), Stop);

        await store.Log.AppendAsync(Samples.Append("new", 1, Samples.Event("end")) with { Output = Samples.Output("new", RunStatus.Completed), Regenerated = "old" }, Stop);

        Assert.Equal(status, (await store.Records.FindAsync("old", Stop))!.Output.Status);
    }

    [Fact]
    public async Task An_append_that_is_refused_regenerates_nothing()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("old"), Stop);
        await store.Log.AppendAsync(Samples.Append("old", 1) with { Output = Samples.Output("old", RunStatus.Completed) }, Stop);
        await store.Log.AcceptAsync(Samples.Accept("new"), Stop);
        var append = Samples.Append("new", 1, Samples.Event("end")) with { Output = Samples.Output("new", RunStatus.Completed), Regenerated = "old" };

        await Assert.ThrowsAsync<FencedException>(() => store.Log.AppendAsync(append with { Position = 2 }, Stop));
        await Assert.ThrowsAsync<NotFoundException>(() => store.Log.AppendAsync(append with { RunId = "nobody" }, Stop));
        var before = (await store.Records.FindAsync("old", Stop))!.Output.Status;
        await store.Log.AppendAsync(append with { Regenerated = "gone" }, Stop);

        Assert.Equal((RunStatus.Completed, RunStatus.Completed), (before, (await store.Records.FindAsync("new", Stop))!.Output.Status));
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract Task<StoreUnderTest> OpenAsync();

    private static RunCopy Run(string runId, RunStatus status = RunStatus.Completed, long generation = 1, string sessionId = "s1")
    {
        var request = Samples.Request(runId, sessionId) with { UserId = "ann", Streamed = true };
        ImmutableArray<RunEvent> events = [new RunAccepted(request), .. Samples.EveryEvent(request).Where(next => next is not RunAccepted)];
        return new RunCopy(Samples.Output(request, status) with { CreatedAt = 1_500 }, generation, events);
    }
}
