using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class ReopeningTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reopened_store_shows_what_it_showed_before()
    {
        using var directory = new TestDirectory();
        string before;
        using (var store = directory.Open())
        {
            await FillAsync(store.Runs);
            before = await Contents.ReadAsync(store.Runs);
        }

        Assert.Equal(before, await directory.ReadAsync());
        Assert.Equal(before, await directory.ReadAsync());
    }

    [Fact]
    public async Task A_reopened_store_goes_on_where_it_was()
    {
        using var directory = new TestDirectory();
        long sequence;
        using (var store = directory.Open())
        {
            await FillAsync(store.Runs);
            sequence = (await store.Runs.AcceptAsync(Samples.Accept(Samples.Request("last") with { IdempotencyKey = "k" }), Stop)).Sequence;
            await store.Runs.AppendAsync(Samples.Append("last", 1, new RunTakenOver(7)) with { Generation = 7 }, Stop);
        }

        using var reopened = directory.Open();

        Assert.Equal(new AcceptedRun("last", sequence, IsNew: false), await reopened.Runs.AcceptAsync(Samples.Accept(Samples.Request("x") with { IdempotencyKey = "k" }), Stop));
        Assert.Equal(sequence + 1, (await reopened.Runs.AcceptAsync(Samples.Accept("next"), Stop)).Sequence);
        await Assert.ThrowsAsync<FencedException>(() => reopened.Runs.AppendAsync(Samples.Append("last", 2, Samples.Event("old")) with { Generation = 6 }, Stop));
        await reopened.Runs.AppendAsync(Samples.Append("last", 2, Samples.Event("new")) with { Generation = 7 }, Stop);
    }

    [Fact]
    public async Task Everything_acknowledged_is_in_the_files_while_the_store_is_still_open()
    {
        using var directory = new TestDirectory();
        using var store = directory.Open();
        await FillAsync(store.Runs);

        using var crashed = directory.Copy();

        Assert.Equal(await Contents.ReadAsync(store.Runs), await crashed.ReadAsync());
    }

    [Fact]
    public async Task A_closed_store_refuses_work_and_lets_go_of_its_directory()
    {
        using var directory = new TestDirectory();
        var store = directory.Open();
        store.Dispose();
        store.Dispose();

        await Assert.ThrowsAsync<UnavailableException>(() => store.Runs.CreateAsync(Samples.Session("s1"), Stop));

        using var next = directory.Open();
        Assert.True(await next.Runs.CreateAsync(Samples.Session("s1"), Stop));
    }

    private static async Task FillAsync(SqliteStore store)
    {
        await store.CreateAsync(Samples.Session("named") with { SessionName = Samples.Text }, Stop);
        await store.CreateAsync(Samples.Session("gone"), Stop);
        for (var index = 0; index < 12; index++)
        {
            var request = Samples.Request($"r{index}", $"s{index % 3}") with { Streamed = index % 2 == 0 };
            await store.AcceptAsync(Samples.Accept(request), Stop);
            await store.AppendAsync(
                Samples.Append(request.RunId, 1, Samples.EveryEvent(request).AsSpan()) with
                {
                    Output = Samples.Output(request, index < 10 ? RunStatus.Completed : RunStatus.Running),
                    Session = new SessionPatch { SessionState = Samples.Json($$"""{"n":{{index}}}"""), UpdatedAt = index },
                },
                Stop);
        }

        await Samples.FillTeamAsync(store);
        await store.UpdateAsync("named", new SessionPatch { Metadata = Samples.Json("""{"m":1}"""), UpdatedAt = 5 }, Stop);
        await store.DeleteAsync(["s1", "gone"], userId: null, Stop);
        await store.AcceptAsync(Samples.Accept("r1", "s1"), Stop);
        var copied = Samples.Request("copied", "copy");
        await store.CreateAsync(
            new SessionCopy(Samples.Session("copy"), [new RunCopy(Samples.Output(copied, RunStatus.Completed), 3, [new RunAccepted(copied), Samples.Event(Samples.Text)])]), Stop);
        await store.AppendAsync(Samples.Append("copied", 2, Samples.Event("more")) with { Generation = 3, Regenerated = "r0" }, Stop);
    }
}
