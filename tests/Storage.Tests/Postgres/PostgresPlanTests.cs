using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;
using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Storage.Tests.Postgres;

/// <summary>What runs ask of the database all the time costs the same whatever the server believes of its tables.</summary>
public sealed class PostgresPlanTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_looks_through_no_table_whether_its_tables_seem_small_or_are_unknown(bool analyzed)
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await using var source = PostgresConnection.CreateDataSource(new NpgsqlConnectionStringBuilder(schema.ConnectionString) { MaxPoolSize = 1 }.ConnectionString);
        await using var batches = new PostgresBatches(source, Options.Create(new PostgresStorageOptions()));
        var store = new PostgresStore(batches, TenantId.Default);
        await RunAsync(store, "first");
        if (analyzed)
        {
            // One row in one page: nothing would be cheaper than looking through it.
            await schema.ExecuteAsync("ANALYZE sessions, runs, run_events");
        }

        var before = await CountScansAsync(source);

        for (var number = 0; number < 12; number++)
        {
            await RunAsync(store, $"r{number}");
        }

        Assert.Equal(before, await CountScansAsync(source));
    }

    [Fact]
    public async Task What_runs_ask_for_all_the_time_is_neither_compiled_nor_answered_by_looking_through_tables()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();

        var settings = await schema.ReadAsync<string>(
            "SELECT string_agg(DISTINCT proname, ',' ORDER BY proname) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace "
            + "AND proconfig @> '{jit=off,enable_seqscan=off}' AND proname NOT LIKE '%before_tenants'");

        Assert.Equal("accept_members,delete_sessions,extend_runs,read_history,read_logs,read_sessions,record_runs,release_media", settings);
        Assert.Equal("off", await schema.ReadAsync<string>("SHOW jit"));
    }

    [Theory]
    [InlineData("""{"input_tokens":36893488147419103228,"total_tokens":1e30,"details":{"model":[{"id":"m","provider":"OpenAI","input_tokens":36893488147419103228}]}}""")]
    [InlineData("""{"input_tokens":-4,"cost":1e400,"duration":1e999}""")]
    [InlineData("""{"input_tokens":"many"}""")]
    [InlineData("""{"input_tokens":1e200000}""")]
    [InlineData("""{"details":7}""")]
    [InlineData("[1]")]
    public async Task A_sum_that_cannot_be_true_hides_no_session_and_lets_runs_end(string metrics)
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        await store.AcceptAsync(Samples.Accept("r1"), Stop);
        await store.AcceptAsync(Samples.Accept("r2", "s2"), Stop);
        await schema.ExecuteAsync($"UPDATE sessions SET metrics = '{metrics}' WHERE session_id = 's1'");

        Assert.Equal(["s2", "s1"], (await store.ListAsync(new SessionQuery(), Stop)).Sessions.Select(session => session.SessionId));
        Assert.True((await store.FindAsync("s1", Stop))!.Metrics!.InputTokens >= 0);
        await store.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")) with { Session = new SessionPatch { Costs = Samples.Costs("m", 1), UpdatedAt = 2_000 } }, Stop);

        var summed = (await store.FindAsync("s1", Stop))!.Metrics!;
        Assert.True(summed.InputTokens >= 1);
        Assert.Equal("m", Assert.Single(summed.Details![ModelUse.Main]).Id);
    }

    [Fact]
    public async Task Runs_that_are_recorded_together_although_they_have_something_in_common_are_told_apart()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        var requests = Enumerable.Range(0, 60).Select(number => Samples.Request($"r{number}", $"s{number % 7}") with { IdempotencyKey = $"k{number % 20}" }).ToArray();

        var accepted = await Task.WhenAll(requests.Select(request => store.AcceptAsync(Samples.Accept(request), Stop)));

        Assert.Equal(20, accepted.Count(run => run.IsNew));
        Assert.Equal(20, accepted.Select(run => run.RunId).Distinct().Count());
        Assert.Equal(20L, await schema.ReadAsync<long>("SELECT count(*) FROM runs"));
        Assert.Equal(accepted.Count(run => run.OpensSession), (int)await schema.ReadAsync<long>("SELECT count(*) FROM sessions"));
    }

    /// <summary>Does what a run in an existing session does, and what is read of it.</summary>
    private static async Task RunAsync(PostgresStore store, string runId)
    {
        await store.AcceptAsync(Samples.Accept(Samples.Request(runId) with { IdempotencyKey = runId }), Stop);
        await store.FindAsync("s1", Stop);
        await store.ListAsync(new RunQuery("s1") { Status = RunStatus.Completed, TopLevelOnly = true, Before = long.MaxValue, Last = 3 }, Stop);
        await store.AppendAsync(
            Samples.Append(runId, 1, Samples.Event("a")) with
            {
                Output = Samples.Output(runId, RunStatus.Completed),
                Session = new SessionPatch { Costs = Samples.Costs("m", 1), UpdatedAt = 2_000 },
            },
            Stop);
        await store.ReadAsync(ImmutableArray.Create(runId, "first"), Stop);
    }

    private static async Task<long> CountScansAsync(NpgsqlDataSource source)
    {
        // What a connection counts is published when it is asked to.
        await using var flush = source.CreateCommand("SELECT pg_stat_force_next_flush()");
        await flush.ExecuteNonQueryAsync(Stop);
        await using var count = source.CreateCommand(
            "SELECT coalesce(sum(seq_scan), 0)::bigint FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname IN ('sessions', 'runs', 'run_events')");
        return (long)(await count.ExecuteScalarAsync(Stop))!;
    }
}
