using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;

namespace Cluster.Storage.Tests.Conformance;

/// <summary>What every <see cref="ISessionStore"/> does.</summary>
public abstract class SessionStoreConformance
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_created_session_comes_back_as_it_was()
    {
        await using var store = await OpenAsync();
        var session = Samples.Session("s1") with
        {
            SessionType = SessionType.Team,
            ComponentId = "team",
            UserId = "ann",
            SessionName = Samples.Text,
            FirstInput = Samples.Text,
            SessionState = Samples.Json("""{"z":1,"a":[1.50,"🦊"]}"""),
            Metadata = Samples.Json("""{ "spaced" : true }"""),
            Metrics = RunMetrics.None.Add(new MessageMetrics { InputTokens = 3 }, "m", "OpenAI"),
            ComponentData = Samples.Json("""{"team_id":"team"}"""),
            UpdatedAt = 2_000,
        };

        Assert.True(await store.Sessions.CreateAsync(session, Stop));

        Assert.Equal(Samples.ToJson(session), Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
        Assert.Null(await store.Sessions.FindAsync("s2", Stop));
    }

    [Fact]
    public async Task A_session_id_that_is_taken_is_told_and_nothing_changes()
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("s1") with { SessionName = "first" }, Stop);

        Assert.False(await store.Sessions.CreateAsync(Samples.Session("s1") with { SessionName = "second" }, Stop));

        Assert.Equal("first", (await store.Sessions.FindAsync("s1", Stop))?.SessionName);
    }

    [Fact]
    public async Task An_update_replaces_what_it_names_and_leaves_the_rest()
    {
        await using var store = await OpenAsync();
        var session = Samples.Session("s1") with { SessionName = "old", UserId = "ann", Metadata = Samples.Json("""{"m":1}""") };
        await store.Sessions.CreateAsync(session, Stop);
        var patch = new SessionPatch { SessionName = "new", SessionState = Samples.Json("{}"), UpdatedAt = 5_000 };

        var updated = await store.Sessions.UpdateAsync("s1", patch, Stop);

        Assert.Equal(Samples.ToJson(patch.ApplyTo(session)), Samples.ToJson(updated));
        Assert.Equal(Samples.ToJson(updated), Samples.ToJson(await store.Sessions.FindAsync("s1", Stop)));
    }

    [Fact]
    public async Task An_update_of_a_session_that_does_not_exist_gives_nothing()
    {
        await using var store = await OpenAsync();

        Assert.Null(await store.Sessions.UpdateAsync("nowhere", new SessionPatch { UpdatedAt = 1 }, Stop));

        Assert.Null(await store.Sessions.FindAsync("nowhere", Stop));
    }

    [Fact]
    public async Task A_deleted_session_is_gone_with_its_runs()
    {
        await using var store = await OpenAsync();
        await store.Log.AcceptAsync(Samples.Accept("r1"), Stop);
        await store.Log.AcceptAsync(Samples.Accept("r2", "s2"), Stop);

        await store.Sessions.DeleteAsync(["s1", "nowhere"], userId: null, Stop);

        Assert.Null(await store.Sessions.FindAsync("s1", Stop));
        Assert.Null(await store.Log.ReadAsync("r1", Stop));
        Assert.Null(await store.Records.FindAsync("r1", Stop));
        Assert.Empty(await store.Records.ListAsync(new RunQuery("s1"), Stop));
        Assert.Equal(["r2"], (await store.Log.ListUnfinishedAsync(cancellationToken: Stop)).Select(run => run.RunId));
        Assert.Equal(1, (await store.Sessions.ListAsync(new SessionQuery(), Stop)).TotalCount);
        await Assert.ThrowsAsync<NotFoundException>(() => store.Log.AppendAsync(Samples.Append("r1", 1, Samples.Event("late")), Stop));
    }

    [Fact]
    public async Task A_deleted_session_frees_its_ids_and_idempotency_keys()
    {
        await using var store = await OpenAsync();
        var request = Samples.Request("r1") with { IdempotencyKey = "k" };
        var first = await store.Log.AcceptAsync(Samples.Accept(request), Stop);
        await store.Sessions.DeleteAsync(["s1"], userId: null, Stop);

        var again = await store.Log.AcceptAsync(Samples.Accept(request), Stop);

        Assert.True(again.IsNew);
        Assert.True(again.Sequence > first.Sequence);
        Assert.Single(await store.Records.ListAsync(new RunQuery("s1"), Stop));
        Assert.Single((await store.Log.ReadAsync("r1", Stop))!.Events);
    }

    [Fact]
    public async Task Only_sessions_of_the_named_user_are_deleted()
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("anns") with { UserId = "ann" }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("bobs") with { UserId = "bob" }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("nobodys"), Stop);

        await store.Sessions.DeleteAsync(["anns", "bobs", "nobodys"], "ann", Stop);

        Assert.Equal(["bobs", "nobodys"], await ListAsync(store, new SessionQuery { SortBy = SessionSort.SessionId, Descending = false }));
    }

    [Fact]
    public async Task Sessions_are_found_by_type_component_and_user()
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("a", 1) with { ComponentId = "x", UserId = "ann" }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("b", 2) with { ComponentId = "y", UserId = "ann" }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("c", 3) with { ComponentId = "x", UserId = "bob", SessionType = SessionType.Team }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("d", 4) with { SessionType = SessionType.Workflow }, Stop);

        Assert.Equal(["b", "a"], await ListAsync(store, new SessionQuery { SessionType = SessionType.Agent }));
        Assert.Equal(["d"], await ListAsync(store, new SessionQuery { SessionType = SessionType.Workflow }));
        Assert.Equal(["c", "a"], await ListAsync(store, new SessionQuery { ComponentId = "x" }));
        Assert.Equal(["b", "a"], await ListAsync(store, new SessionQuery { UserId = "ann" }));
        Assert.Equal(["a"], await ListAsync(store, new SessionQuery { UserId = "ann", ComponentId = "x" }));
        Assert.Equal(["d", "c", "b", "a"], await ListAsync(store, new SessionQuery()));
    }

    [Theory]
    [InlineData("tri", "a c")]
    [InlineData("TRIP", "a c")]
    [InlineData("to Rome", "a")]
    [InlineData("100%", "d")]
    [InlineData("_", "e")]
    [InlineData("\\", "f")]
    [InlineData("zzz", "")]
    public async Task Sessions_are_found_by_a_part_of_their_name_in_any_case(string part, string expected)
    {
        await using var store = await OpenAsync();
        (string Id, string? Name)[] names = [("a", "Trip to Rome"), ("b", null), ("c", "my tRiP"), ("d", "100% sure"), ("e", "snake_case"), ("f", "back\\slash")];
        foreach (var (id, name) in names)
        {
            await store.Sessions.CreateAsync(Samples.Session(id) with { SessionName = name, FirstInput = "trip 100% _ \\" }, Stop);
        }

        var found = await ListAsync(store, new SessionQuery { NameContains = part, SortBy = SessionSort.SessionId, Descending = false });

        Assert.Equal(expected, string.Join(' ', found));
    }

    [Theory]
    [InlineData(SessionSort.CreatedAt, false, "b d a C")]
    [InlineData(SessionSort.CreatedAt, true, "C a d b")]
    [InlineData(SessionSort.UpdatedAt, false, "d C b a")]
    [InlineData(SessionSort.UpdatedAt, true, "a b C d")]
    [InlineData(SessionSort.SessionId, false, "C a b d")]
    [InlineData(SessionSort.SessionId, true, "d b a C")]
    public async Task Sessions_are_sorted_and_ties_follow_the_order_of_creation(SessionSort sortBy, bool descending, string expected)
    {
        await using var store = await OpenAsync();
        await store.Sessions.CreateAsync(Samples.Session("d", 10) with { UpdatedAt = 20 }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("C", 30) with { UpdatedAt = 30 }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("b", 5) with { UpdatedAt = 40 }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("a", 10) with { UpdatedAt = 40 }, Stop);

        Assert.Equal(expected, string.Join(' ', await ListAsync(store, new SessionQuery { SortBy = sortBy, Descending = descending })));
    }

    [Fact]
    public async Task A_session_that_changes_or_goes_takes_its_new_place_in_lists()
    {
        await using var store = await OpenAsync();
        foreach (var (index, id) in new[] { "a", "b", "c", "d" }.Index())
        {
            await store.Sessions.CreateAsync(Samples.Session(id, 10 + index), Stop);
        }

        await store.Log.AcceptAsync(Samples.Accept(Samples.Request("r1", "b"), at: 50), Stop);
        await store.Sessions.UpdateAsync("a", new SessionPatch { SessionName = "new", UpdatedAt = 40 }, Stop);
        await store.Sessions.UpdateAsync("a", new SessionPatch { SessionName = "newer", UpdatedAt = 40 }, Stop);
        await store.Sessions.DeleteAsync(["c"], userId: null, Stop);

        Assert.Equal(["b", "a", "d"], await ListAsync(store, new SessionQuery { SortBy = SessionSort.UpdatedAt }));
        Assert.Equal(["d", "b", "a"], await ListAsync(store, new SessionQuery()));
        var page = await store.Sessions.ListAsync(new SessionQuery { NameContains = "newer", Limit = 1 }, Stop);
        Assert.Equal(("newer", 1), (Assert.Single(page.Sessions).SessionName, page.TotalCount));
        Assert.Equal(3, (await store.Sessions.ListAsync(new SessionQuery { Offset = 7 }, Stop)).TotalCount);
    }

    [Fact]
    public async Task Pages_follow_one_another_and_count_everything_that_matches()
    {
        await using var store = await OpenAsync();
        for (var index = 0; index < 25; index++)
        {
            await store.Sessions.CreateAsync(Samples.Session($"s{index:00}") with { UserId = index < 23 ? "ann" : "bob" }, Stop);
        }

        var query = new SessionQuery { UserId = "ann", SortBy = SessionSort.SessionId, Descending = false, Limit = 10 };
        var second = await store.Sessions.ListAsync(query with { Offset = 10 }, Stop);
        var third = await store.Sessions.ListAsync(query with { Offset = 20 }, Stop);
        var beyond = await store.Sessions.ListAsync(query with { Offset = 30 }, Stop);

        Assert.Equal(Enumerable.Range(10, 10).Select(index => $"s{index:00}"), second.Sessions.Select(session => session.SessionId));
        Assert.Equal(["s20", "s21", "s22"], third.Sessions.Select(session => session.SessionId));
        Assert.Empty(beyond.Sessions);
        Assert.Equal([23, 23, 23], [second.TotalCount, third.TotalCount, beyond.TotalCount]);
        Assert.Equal(20, (await store.Sessions.ListAsync(new SessionQuery(), Stop)).Sessions.Length);
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract Task<StoreUnderTest> OpenAsync();

    private static async Task<IEnumerable<string>> ListAsync(StoreUnderTest store, SessionQuery query) =>
        (await store.Sessions.ListAsync(query, Stop)).Sessions.Select(session => session.SessionId);
}
