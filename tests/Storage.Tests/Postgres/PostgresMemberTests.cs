using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Storage.Postgres;
using Cluster.Storage.Sql;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Postgres;

/// <summary>Runs of a team's members among several processes.</summary>
public sealed class PostgresMemberTests
{
    private const int Members = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Members_are_accepted_by_several_processes_while_the_session_is_being_changed()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var one = schema.NewStore();
        var other = schema.NewStore();
        await one.AcceptAsync(Samples.Accept(Samples.TeamRequest("t1")), Stop);
        await using var connection = await schema.DataSource.OpenConnectionAsync(Stop);
        await using var change = await connection.BeginTransactionAsync(Stop);
        await new Statement("UPDATE sessions SET updated_at = 5 WHERE session_id = 's1'").ExecuteAsync(connection, Stop);

        var accepted = await Task.WhenAll(Enumerable.Range(0, Members).Select(index =>
            (index % 2 == 0 ? one : other).AcceptAsync(Samples.Accept(Samples.MemberRequest($"m{index}", "t1")), Stop))).WaitAsync(Patience, Stop);

        Assert.All(accepted, run => Assert.True(run.IsNew));
        await change.CommitAsync(Stop);
        Assert.Equal(5, (await one.FindAsync("s1", Stop))!.UpdatedAt);
    }

    [Fact]
    public async Task A_member_whose_session_is_being_deleted_waits_and_is_refused()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        await store.AcceptAsync(Samples.Accept(Samples.TeamRequest("t1")), Stop);
        await using var connection = await schema.DataSource.OpenConnectionAsync(Stop);
        await using var deletion = await connection.BeginTransactionAsync(Stop);
        await new Statement("SELECT delete_sessions('default', ARRAY['s1'], NULL)").ExecuteAsync(connection, Stop);

        var member = store.AcceptAsync(Samples.Accept(Samples.MemberRequest("m1", "t1")), Stop);
        while (await schema.ReadAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{schema.Name}' AND wait_event_type = 'Lock'") == 0)
        {
            Assert.False(member.IsCompleted);
        }

        await deletion.CommitAsync(Stop);
        await Assert.ThrowsAsync<NotFoundException>(() => member.WaitAsync(Patience, Stop));
        Assert.Equal(0L, await CountAsync(schema));
    }

    [Fact]
    public async Task Deleting_sessions_while_members_are_accepted_leaves_none_behind()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var one = schema.NewStore();
        var other = schema.NewStore();
        for (var index = 0; index < 20; index++)
        {
            await one.AcceptAsync(Samples.Accept(Samples.TeamRequest($"t{index}", sessionId: $"s{index}")), Stop);
        }

        var members = Enumerable.Range(0, 400).Select(index => TryAcceptAsync(
            index % 2 == 0 ? one : other, Samples.MemberRequest($"m{index}", $"t{index % 20}", sessionId: $"s{index % 20}"))).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(index => other.DeleteAsync([$"s{index}"], userId: null, Stop)));
        await Task.WhenAll(members).WaitAsync(Patience, Stop);

        Assert.Equal(0L, await CountAsync(schema));
    }

    [Fact]
    public async Task Of_two_processes_that_start_the_same_members_each_member_is_new_to_one()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var one = schema.NewStore();
        var other = schema.NewStore();
        await one.AcceptAsync(Samples.Accept(Samples.TeamRequest("t1")), Stop);
        var requests = Enumerable.Range(0, Members).Select(index => Samples.MemberRequest($"m{index}", "t1")).ToArray();

        var first = requests.Select(request => one.AcceptAsync(Samples.Accept(request), Stop)).ToArray();
        var second = requests.Select(request => other.AcceptAsync(Samples.Accept(request), Stop)).ToArray();
        await Task.WhenAll([.. first, .. second]).WaitAsync(Patience, Stop);

        Assert.All(first.Zip(second), pair => Assert.Single(new[] { pair.First.Result, pair.Second.Result }, run => run.IsNew));
        Assert.Equal(Members, (await one.ListAsync(new RunQuery("s1") { ParentRunId = "t1" }, Stop)).Length);
    }

    [Fact]
    public async Task Of_a_long_session_only_the_runs_that_are_asked_for_are_read()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        await store.CreateAsync(Samples.Session("s1"), Stop);
        await schema.ExecuteAsync(
            """
            INSERT INTO runs (run_id, session_id, component_id, parent_run_id, status, streamed, last_write, output, created_at)
            SELECT 'r' || n, 's1', CASE WHEN n % 33 = 0 THEN 'desk' WHEN n < 200 THEN 'rare' ELSE 'm' || n % 33 END, CASE WHEN n % 33 > 0 THEN 'r' || n - n % 33 END,
                CASE WHEN n % 7 = 0 THEN 'ERROR' ELSE 'COMPLETED' END, true, gen_random_uuid(), '{"run_id":""}', 0
            FROM generate_series(1, 20000) AS n
            """);
        await schema.ExecuteAsync("ANALYZE runs");

        Assert.Equal(("runs_by_parent", 32), await ExplainAsync(schema, new RunQuery("s1") { ParentRunId = "r9900" }));
        Assert.Equal(("runs_of_members", 3), await ExplainAsync(schema, new RunQuery("s1") { ComponentId = "rare", MembersOnly = true, Status = RunStatus.Completed, Before = 10_000, Last = 3 }));
        Assert.Equal(("runs_of_members", 3), await ExplainAsync(schema, new RunQuery("s1") { ComponentId = "m9", MembersOnly = true, Status = RunStatus.Completed, Before = 10_000, Last = 3 }));
        Assert.Equal(("runs_of_members", 0), await ExplainAsync(schema, new RunQuery("s1") { ComponentId = "new", MembersOnly = true, Status = RunStatus.Completed, Before = 10_000, Last = 3 }));
        Assert.Equal(("runs_for_history", 3), await ExplainAsync(schema, new RunQuery("s1") { TopLevelOnly = true, Status = RunStatus.Completed, Last = 3 }));
    }

    /// <summary>Says by which index a query is answered, and how many rows it reads there.</summary>
    private static async Task<(string? Index, int Rows)> ExplainAsync(PostgresSchema schema, RunQuery query)
    {
        await using var connection = await schema.DataSource.OpenConnectionAsync(Stop);
        var plan = JsonElement.Parse((await RunListing.ToStatement(SqlDialect.Postgres, TenantId.Default, query, "EXPLAIN (ANALYZE, FORMAT JSON) ").QueryAsync(connection, row => row.GetString(0), Stop))[0])[0].GetProperty("Plan");
        while (plan.TryGetProperty("Plans", out var inner))
        {
            plan = inner[0];
        }

        var removed = plan.TryGetProperty("Rows Removed by Filter", out var filtered) ? filtered.GetDouble() : 0;
        return (plan.TryGetProperty("Index Name", out var index) ? index.GetString() : null, (int)(plan.GetProperty("Actual Rows").GetDouble() + removed));
    }

    private static Task<long> CountAsync(PostgresSchema schema) =>
        schema.ReadAsync<long>("SELECT (SELECT count(*) FROM run_events) + (SELECT count(*) FROM runs) + (SELECT count(*) FROM sessions)");

    private static async Task TryAcceptAsync(PostgresStore store, RunRequest request)
    {
        try
        {
            await store.AcceptAsync(Samples.Accept(request), Stop);
        }
        catch (NotFoundException)
        {
            // Its session went first.
        }
    }
}
