using Cluster.Storage.Tests.Postgres;
using Cluster.Storage.Tests.Sqlite;

namespace Cluster.Storage.Tests.Maintenance;

public sealed class CheckTests
{
    /// <summary>Damage in the words of both dialects, and what a check says of it.</summary>
    public static TheoryData<string, string, string> Damage => new()
    {
        { "DELETE FROM run_events WHERE position = 0 AND run = (SELECT sequence FROM runs WHERE run_id = 'r1')", "DELETE FROM run_events WHERE position = 0 AND run_id = 'r1'", "Run r1 has no event at position 0" },
        { "DELETE FROM run_events WHERE position = 1 AND run = (SELECT sequence FROM runs WHERE run_id = 'r1')", "DELETE FROM run_events WHERE position = 1 AND run_id = 'r1'", "Run r1 has 1 events, and its record counts 3" },
        { "UPDATE run_events SET position = 2 WHERE position = 1 AND run = (SELECT sequence FROM runs WHERE run_id = 'r1')", "UPDATE run_events SET position = 2 WHERE position = 1 AND run_id = 'r1'", "Run r1 has no event at position 1" },
        { "UPDATE runs SET position = 9 WHERE run_id = 'r2'", "UPDATE runs SET position = 9 WHERE run_id = 'r2'", "Run r2 has 3 events, and its record counts 9" },
        { "UPDATE runs SET status = 'RUNNING' WHERE run_id = 'r2'", "UPDATE runs SET status = 'RUNNING' WHERE run_id = 'r2'", "Run r2 has the status RUNNING, and its log says COMPLETED" },
        { "UPDATE runs SET output = '{' WHERE run_id = 'r2'", "UPDATE runs SET output = '{}' WHERE run_id = 'r2'", "Run r2 has a record that cannot be read" },
        { "UPDATE run_events SET events = '[{\"event\":\"Nonsense\"}]' WHERE position = 1", "UPDATE run_events SET events = '[{\"event\":\"Nonsense\"}]' WHERE position = 1", "Run r2 has events at position 1 that cannot be read" },
        { "UPDATE run_events SET events = replace(events, '\"event_index\":1', '\"event_index\":7')", "UPDATE run_events SET events = replace(events::text, '\"event_index\":1', '\"event_index\":7')::json", "Run r2 has the event index 7 after 0" },
        { "DELETE FROM sessions WHERE session_id = 's0'", "DELETE FROM sessions WHERE session_id = 's0'", "Run r2 belongs to a session that is not there" },
        { "DELETE FROM runs WHERE run_id = 'r1'", "DELETE FROM runs WHERE run_id = 'r1'", "Events stand under the" },
        { "UPDATE approvals SET status = 'approved'", "UPDATE approvals SET status = 'approved'", "has the status approved, and its document says pending" },
        { "UPDATE user_memories SET memory_folded = X'00'", "UPDATE user_memories SET memory_folded = 'x'", "Memory m1 has words that searches find under other ones" },
        { "UPDATE sessions SET session_name = '\"other\"' WHERE session_id = 'empty'", "UPDATE sessions SET session_name = '\"other\"' WHERE session_id = 'empty'", "Session empty has a name that searches find under another one" },
        { "UPDATE sessions SET session_state = '{{' WHERE session_id = 'empty'", "UPDATE sessions SET session_name = '7', session_name_folded = NULL WHERE session_id = 'empty'", "Session empty cannot be read" },
    };

    [Fact]
    public async Task A_store_that_is_sound_has_no_problems_also_while_it_is_open()
    {
        using var directory = new TestDirectory();
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await Maintained.FillAsync(directory);
        await Maintained.FillAsync(schema);
        using var served = directory.Open();

        Assert.Empty(await Maintained.Of(directory).CheckAsync());
        Assert.Empty(await Maintained.Of(schema).CheckAsync());
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task Damage_in_SQLite_is_found_and_named(string sql, string other, string problem)
    {
        Assert.NotEmpty(other);
        using var directory = new TestDirectory();
        await Maintained.FillAsync(directory);
        directory.Execute(sql);

        Assert.Contains(await Maintained.Of(directory).CheckAsync(), found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task Damage_in_PostgreSQL_is_found_and_named(string other, string sql, string problem)
    {
        Assert.NotEmpty(other);
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await Maintained.FillAsync(schema);
        await schema.ExecuteAsync(sql);

        Assert.Contains(await Maintained.Of(schema).CheckAsync(), found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_that_are_damaged_are_found()
    {
        using var directory = new TestDirectory();
        await Maintained.FillAsync(directory);
        await using (var file = new FileStream(directory.DatabaseFile, FileMode.Open, FileAccess.Write))
        {
            // The first page describes the others; behind it are tables and indexes.
            for (var at = 4_096L * 3; at < file.Length; at += 4_096)
            {
                file.Position = at;
                await file.WriteAsync(Enumerable.Repeat((byte)0xA5, 64).ToArray(), TestContext.Current.CancellationToken);
            }
        }

        Assert.NotEmpty(await Maintained.Of(directory).CheckAsync());
    }

    [Fact]
    public async Task A_store_of_a_newer_program_is_left_alone()
    {
        using var directory = new TestDirectory();
        await Maintained.FillAsync(directory);
        directory.Execute("PRAGMA user_version = 9999");

        await Assert.ThrowsAsync<InvalidDataException>(() => Maintained.Of(directory).CheckAsync());
        await Assert.ThrowsAsync<InvalidDataException>(() => Maintained.Of(directory).ExportAsync());
    }
}
