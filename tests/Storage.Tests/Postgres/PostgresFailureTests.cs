using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Storage.Postgres;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cluster.Storage.Tests.Postgres;

public sealed class PostgresFailureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backends_that_are_killed_during_appends_lose_nothing_and_repeat_nothing()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var store = schema.NewStore();
        const int Runs = 16;
        const int Appends = 60;

        await KillBackendsAsync(schema, until: Task.WhenAll(Enumerable.Range(0, Runs).Select(run => WorkAsync(store, $"r{run}", Appends))));

        for (var run = 0; run < Runs; run++)
        {
            var log = await store.ReadAsync($"r{run}", Stop);
            Assert.Equal(Enumerable.Range(1, Appends).Select(index => $"{index}"), log!.Events.Skip(1).Cast<AttemptFailed>().Select(next => next.Error));
        }
    }

    [Fact]
    public async Task An_append_whose_answer_is_lost_is_recognised_and_not_refused()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await using var relay = new PostgresRelay(schema.ConnectionString);
        await using var dataSource = PostgresConnection.CreateDataSource(relay.ConnectionString);
        await using var batches = Open(dataSource);
        var store = new PostgresStore(batches, TenantId.Default);
        await store.AcceptAsync(Samples.Accept("r1"), Stop);

        relay.LoseAnswerTo("the lost one");
        await store.AppendAsync(Samples.Append("r1", 1, Samples.Event("the lost one")), Stop);
        await store.AppendAsync(Samples.Append("r1", 2, Samples.Event("the next one")), Stop);

        Assert.Equal(1, relay.LostAnswers);
        Assert.Equal(3, (await store.ReadAsync("r1", Stop))?.Events.Length);
    }

    [Fact]
    public async Task A_new_run_whose_answer_is_lost_is_still_new()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await using var relay = new PostgresRelay(schema.ConnectionString);
        await using var dataSource = PostgresConnection.CreateDataSource(relay.ConnectionString);
        await using var batches = Open(dataSource);
        var store = new PostgresStore(batches, TenantId.Default);
        await store.AcceptAsync(Samples.Accept("r0"), Stop);

        relay.LoseAnswerTo("lost-run");
        var accepted = await store.AcceptAsync(Samples.Accept(Samples.Request("lost-run") with { IdempotencyKey = "k" }), Stop);

        Assert.Equal(1, relay.LostAnswers);
        Assert.Equal(("lost-run", true), (accepted.RunId, accepted.IsNew));
        Assert.Equal(accepted.Sequence, (await store.ReadAsync("lost-run", Stop))?.Sequence);
    }

    [Fact]
    public async Task A_server_that_goes_away_is_named_without_its_password()
    {
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        var relay = new PostgresRelay(schema.ConnectionString);
        await using var dataSource = PostgresConnection.CreateDataSource(relay.ConnectionString);
        await using var batches = Open(dataSource);
        var store = new PostgresStore(batches, TenantId.Default);
        await store.AcceptAsync(Samples.Accept("r1"), Stop);
        await relay.DisposeAsync();

        var refusals = new[]
        {
            await Assert.ThrowsAsync<UnavailableException>(() => store.AppendAsync(Samples.Append("r1", 1, Samples.Event("a")), Stop)),
            await Assert.ThrowsAsync<UnavailableException>(() => store.AcceptAsync(Samples.Accept("r2"), Stop)),
            await Assert.ThrowsAsync<UnavailableException>(() => store.ReadAsync("r1", Stop)),
            await Assert.ThrowsAsync<UnavailableException>(() => store.CreateAsync(Samples.Session("s9"), Stop)),
        };

        var connection = new NpgsqlConnectionStringBuilder(relay.ConnectionString);
        Assert.All(refusals, refusal => Assert.Contains($"127.0.0.1:{connection.Port}", refusal.Message, StringComparison.Ordinal));
        Assert.All(refusals, refusal => Assert.DoesNotContain(connection.Password!, refusal.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_that_was_not_migrated_is_refused_in_words()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = schema.NewStore();

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => store.AcceptAsync(Samples.Accept("r1"), Stop));

        Assert.Contains("migrated", refusal.Message, StringComparison.Ordinal);
    }

    private static PostgresBatches Open(NpgsqlDataSource dataSource) => new(dataSource, Options.Create(new PostgresStorageOptions()));

    private static async Task WorkAsync(PostgresStore store, string runId, int appends)
    {
        await PersistAsync(() => store.AcceptAsync(Samples.Accept(runId, $"s-{runId}"), Stop), () => ArrivedAsync(store, runId, 1));
        for (var position = 1; position <= appends; position++)
        {
            var append = Samples.Append(runId, position, Samples.Event($"{position}"));
            await PersistAsync(() => store.AppendAsync(append, Stop), () => ArrivedAsync(store, runId, append.Position + 1));
        }
    }

    /// <summary>As owners of runs do it: what the store could not say is asked of the log.</summary>
    private static async Task PersistAsync(Func<Task> write, Func<Task<bool>> hasArrived)
    {
        for (var isDone = false; !isDone;)
        {
            try
            {
                await write();
                isDone = true;
            }
            catch (UnavailableException)
            {
                isDone = await hasArrived();
            }
        }
    }

    private static async Task<bool> ArrivedAsync(PostgresStore store, string runId, int length)
    {
        while (true)
        {
            try
            {
                return (await store.ReadAsync(runId, Stop))?.Events.Length == length;
            }
            catch (UnavailableException)
            {
                Stop.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task KillBackendsAsync(PostgresSchema schema, Task until)
    {
        for (var kill = 0; kill < 20 && !until.IsCompleted; kill++)
        {
            await schema.ExecuteOnServerAsync($"SELECT pg_terminate_backend(pid), pg_sleep(0.05) FROM pg_stat_activity WHERE application_name = '{schema.Name}'");
        }

        await until;
    }
}
