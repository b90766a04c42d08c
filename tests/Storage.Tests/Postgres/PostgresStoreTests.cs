using System.Text;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresStoreTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("'; DROP TABLE runs; --")]
    [InlineData("$1")]
    [InlineData("a\\'b\"c{d},NULL")]
    [InlineData("NULL")]
    [InlineData("")]
    [InlineData("ünïcödé 🦊")]
    public async Task Ids_mean_only_themselves(string id)
    {
        await using var store = await PostgresSchema.OpenStoreAsync();
        var request = Samples.Request($"r{id}", $"s{id}") with { UserId = id, IdempotencyKey = id };

        await store.Log.AcceptAsync(Samples.Accept(request), Stop);
        await store.Log.AppendAsync(Samples.Append(request.RunId, 1, Samples.Event(id)), Stop);

        Assert.Equal(2, (await store.Log.ReadAsync(request.RunId, Stop))?.Events.Length);
        Assert.Equal(id, (await store.Sessions.FindAsync(request.SessionId, Stop))?.UserId);
        Assert.Equal(1, (await store.Sessions.ListAsync(new SessionQuery { UserId = id }, Stop)).TotalCount);
        Assert.False((await store.Log.AcceptAsync(Samples.Accept(request with { RunId = "other" }), Stop)).IsNew);
        await store.Sessions.DeleteAsync([request.SessionId], id, Stop);
        Assert.Null(await store.Records.FindAsync(request.RunId, Stop));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0xD800, 1)]
    [InlineData('x', 2_401)]
    [InlineData('木', 801)]
    public async Task An_id_that_the_database_cannot_hold_is_refused(int character, int times)
    {
        await using var store = await PostgresSchema.OpenStoreAsync();
        var id = new string((char)character, times);

        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Log.AcceptAsync(Samples.Accept(id), Stop));
        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Log.AcceptAsync(Samples.Accept(Samples.Request("r1") with { IdempotencyKey = id }), Stop));
        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Log.ReadAsync(id, Stop));
        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Sessions.CreateAsync(Samples.Session(id), Stop));

        Assert.Equal(0, (await store.Sessions.ListAsync(new SessionQuery(), Stop)).TotalCount);
    }

    [Fact]
    public async Task Only_the_id_of_a_session_may_be_longer_than_600_bytes()
    {
        await using var store = await PostgresSchema.OpenStoreAsync();
        var id = new string('x', 601);
        var request = Samples.Request("r1");

        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Log.AcceptAsync(Samples.Accept(request with { RunId = id }), Stop));
        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Log.AcceptAsync(Samples.Accept(request with { UserId = id }), Stop));
        await Assert.ThrowsAsync<InvalidRequestException>(() => store.Log.AcceptAsync(Samples.Accept(request with { AgentId = id }), Stop));
        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => store.Log.AcceptAsync(Samples.Accept(request with { IdempotencyKey = id }), Stop));

        Assert.Contains("600 bytes", refusal.Message, StringComparison.Ordinal);
        Assert.True((await store.Log.AcceptAsync(Samples.Accept(request with { SessionId = id }), Stop)).IsNew);
    }

    [Theory]
    [InlineData(1_000, 0)]
    [InlineData(300, 700)]
    [InlineData(2_400, 0)]
    public async Task The_longest_ids_fit_every_index_and_differ_by_their_last_character(int asciiLetters, int threeByteLetters)
    {
        await using var store = await PostgresSchema.OpenStoreAsync();
        var session = Noise(asciiLetters - 1, '!', 93) + Noise(threeByteLetters, '一', 20_000);
        var shortId = Noise(598, '!', 93);
        var requests = new[] { "a", "b" }.Select(end => Samples.Request($"r{shortId}{end}", session + end) with
        {
            UserId = $"u{shortId}{end}",
            AgentId = $"a{shortId}{end}",
            IdempotencyKey = $"k{shortId}{end}",
        }).ToArray();

        foreach (var request in requests)
        {
            Assert.True((await store.Log.AcceptAsync(Samples.Accept(request), Stop)).IsNew);
        }

        await store.Sessions.DeleteAsync([requests[1].SessionId], requests[1].UserId, Stop);
        Assert.Equal(requests[0].RunId, Assert.Single(await store.Records.ListAsync(new RunQuery(requests[0].SessionId), Stop)).Output.RunId);
        Assert.Equal(requests[0].UserId, (await store.Sessions.FindAsync(requests[0].SessionId, Stop))?.UserId);
        Assert.Null(await store.Sessions.FindAsync(requests[1].SessionId, Stop));
    }

    [Fact]
    public async Task A_write_that_the_server_refuses_fails_alone()
    {
        await using var store = await PostgresSchema.OpenStoreAsync();
        var notUtf8 = JsonElement.Parse("""{"a":"?"}"""u8.ToArray().Select(value => value == (byte)'?' ? (byte)0xFF : value).ToArray());
        var acceptance = Samples.Accept("culprit");

        var before = Enumerable.Range(0, 50).Select(index => store.Log.AcceptAsync(Samples.Accept($"a{index}", $"a{index}"), Stop)).ToArray();
        var culprit = store.Log.AcceptAsync(acceptance with { Session = acceptance.Session with { Metadata = notUtf8 } }, Stop);
        var after = Enumerable.Range(0, 50).Select(index => store.Log.AcceptAsync(Samples.Accept($"b{index}", $"b{index}"), Stop)).ToArray();

        await Assert.ThrowsAsync<InvalidRequestException>(() => culprit);
        Assert.All(await Task.WhenAll([.. before, .. after]), accepted => Assert.True(accepted.IsNew));
        Assert.Equal(100, (await store.Log.ListUnfinishedAsync(cancellationToken: Stop)).Length);
    }

    [Fact]
    public async Task Refused_appends_leave_the_others_of_their_batch_alone()
    {
        await using var store = await PostgresSchema.OpenStoreAsync();
        const int Runs = 100;
        await Task.WhenAll(Enumerable.Range(0, Runs).Select(index => store.Log.AcceptAsync(Samples.Accept($"r{index}", $"s{index}"), Stop)));

        var appends = Enumerable.Range(0, Runs).Select(index => store.Log.AppendAsync(
            Samples.Append($"r{index}", index % 2 == 0 ? 1 : 7, Samples.Event($"{index}")) with { Session = new SessionPatch { SessionName = "changed", UpdatedAt = 2_000 } }, Stop)).ToArray();
        await EndAsync(appends);

        for (var index = 0; index < Runs; index++)
        {
            var isRefused = index % 2 == 1;
            Assert.Equal(isRefused, appends[index].Exception?.InnerException is FencedException);
            Assert.Equal(isRefused ? 1 : 2, (await store.Log.ReadAsync($"r{index}", Stop))!.Events.Length);
            Assert.Equal(isRefused ? null : "changed", (await store.Sessions.FindAsync($"s{index}", Stop))!.SessionName);
        }
    }

    [Fact]
    public async Task Of_two_stores_that_take_a_run_over_with_the_same_event_exactly_one_wins()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var one = schema.NewStore();
        var other = schema.NewStore();
        await one.AcceptAsync(Samples.Accept("r1"), Stop);

        for (var generation = 2; generation < 30; generation++)
        {
            var append = Samples.Append("r1", generation - 1, new RunTakenOver(generation)) with { Generation = generation };
            var attempts = new[] { one.AppendAsync(append, Stop), other.AppendAsync(append, Stop) };
            await EndAsync(attempts);

            Assert.Equal(1, attempts.Count(attempt => attempt.IsCompletedSuccessfully));
            Assert.Equal(1, attempts.Count(attempt => attempt.Exception?.InnerException is FencedException));
        }

        Assert.Equal(29, (await one.ReadAsync("r1", Stop))?.Events.Length);
    }

    [Fact]
    public async Task Of_two_stores_that_accept_runs_with_one_idempotency_key_exactly_one_is_new()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var one = schema.NewStore();
        var other = schema.NewStore();

        for (var key = 0; key < 30; key++)
        {
            var request = Samples.Request($"one{key}", $"one{key}") with { IdempotencyKey = $"k{key}" };
            var accepted = await Task.WhenAll(
                one.AcceptAsync(Samples.Accept(request), Stop),
                other.AcceptAsync(Samples.Accept(request with { RunId = $"other{key}", SessionId = $"other{key}" }), Stop));

            Assert.Single(accepted, run => run.IsNew);
            Assert.Equal(accepted[0].RunId, accepted[1].RunId);
        }
    }

    [Fact]
    public async Task Deleting_a_session_while_its_run_is_appended_to_leaves_no_events_behind()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        for (var index = 0; index < 30; index++)
        {
            await store.AcceptAsync(Samples.Accept($"r{index}", $"s{index}"), Stop);
        }

        var appends = Enumerable.Range(0, 30).Select(index => store.AppendAsync(
            Samples.Append($"r{index}", 1, Samples.Event("late")) with { Session = new SessionPatch { UpdatedAt = 2_000 } }, Stop)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 30).Select(index => store.DeleteAsync([$"s{index}"], userId: null, Stop)));
        await EndAsync(appends);

        Assert.All(appends, append => Assert.True(append.IsCompletedSuccessfully || append.Exception?.InnerException is NotFoundException));
        Assert.Equal(0L, await schema.ReadAsync<long>("SELECT (SELECT count(*) FROM run_events) + (SELECT count(*) FROM runs) + (SELECT count(*) FROM sessions)"));
    }

    [Theory]
    [InlineData("ÄRGER", "ärger im büro")]
    [InlineData("büro", "ÄRGER IM BÜRO")]
    [InlineData("🦊\0", "a 🦊\0 b")]
    public async Task Names_are_searched_as_the_engine_compares_them(string part, string name)
    {
        await using var store = await PostgresSchema.OpenStoreAsync();
        await store.Sessions.CreateAsync(Samples.Session("s1") with { SessionName = name }, Stop);
        await store.Sessions.CreateAsync(Samples.Session("s2") with { SessionName = "something else" }, Stop);

        var page = await store.Sessions.ListAsync(new SessionQuery { NameContains = part }, Stop);

        Assert.Equal("s1", Assert.Single(page.Sessions).SessionId);
    }

    [Fact]
    public async Task Commits_wait_for_the_disk_whatever_the_server_s_default_is()
    {
        await using var schema = await PostgresSchema.CreateAsync();

        Assert.Equal("on", await schema.ReadAsync<string>("SHOW synchronous_commit"));
        Assert.Equal("client", await schema.ReadAsync<string>("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"));
    }

    /// <summary>Text that an index cannot compress, the same in every run.</summary>
    private static string Noise(int length, char first, uint letters)
    {
        var state = 1UL;
        var noise = new StringBuilder();
        while (noise.Length < length)
        {
            state = unchecked((state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407);
            noise.Append((char)(first + ((uint)(state >> 32) % letters)));
        }

        return noise.ToString();
    }

    /// <summary>Waits for the end of tasks, however they end.</summary>
    private static async Task EndAsync(IEnumerable<Task> tasks)
    {
        await foreach (var task in Task.WhenEach(tasks))
        {
            Assert.True(task.IsCompleted);
        }
    }
}
