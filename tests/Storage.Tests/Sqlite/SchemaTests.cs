using Cluster.Storage.Sql;
using Cluster.Storage.Sqlite;
using Cluster.Storage.Tests.Conformance;
using Microsoft.Data.Sqlite;

namespace Cluster.Storage.Tests.Sqlite;

public sealed class SchemaTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_schema_goes_down_to_nothing_and_up_again()
    {
        using var directory = new TestDirectory();
        directory.Open().Dispose();
        await using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.DatabaseFile, Pooling = false }.ConnectionString))
        {
            await connection.OpenAsync(Stop);
            using var prepared = new PreparedConnection(connection);
            SqliteMigrator.Down(prepared, 0);

            Assert.Equal(0, prepared.Number(new Statement("SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")));
            Assert.Equal(0, prepared.Number(new Statement("PRAGMA user_version")));
        }

        using var store = directory.Open();
        Assert.True(await store.Runs.CreateAsync(Samples.Session("s"), Stop));
    }

    [Theory]
    [InlineData("SELECT output FROM runs WHERE tenant_id = $1 AND run_id = $2")]
    [InlineData("SELECT output FROM runs WHERE session = (SELECT creation FROM sessions WHERE tenant_id = $4 AND session_id = $1) AND sequence < $2 ORDER BY sequence DESC LIMIT $3")]
    [InlineData("SELECT output FROM runs WHERE session = (SELECT creation FROM sessions WHERE tenant_id = $4 AND session_id = $1) AND status = 'COMPLETED' AND component_id = $2 ORDER BY sequence DESC LIMIT $3")]
    [InlineData("SELECT run_id FROM runs WHERE status IN ('PENDING', 'RUNNING') ORDER BY sequence")]
    [InlineData("SELECT run_id FROM runs WHERE tenant_id = $4 AND component_id = $1 AND user_id IS $2 AND idempotency_key = $3")]
    [InlineData("SELECT events FROM run_events WHERE run = $1 ORDER BY position")]
    [InlineData("SELECT session_id FROM sessions WHERE tenant_id = $3 ORDER BY created_at DESC, creation DESC LIMIT $1 OFFSET $2")]
    [InlineData("SELECT session_id FROM sessions WHERE tenant_id = $3 ORDER BY updated_at DESC, creation DESC LIMIT $1 OFFSET $2")]
    [InlineData("SELECT session_id FROM sessions WHERE tenant_id = $4 AND user_id = $1 ORDER BY created_at DESC, creation DESC LIMIT $2 OFFSET $3")]
    [InlineData("SELECT session_id FROM sessions WHERE tenant_id = $4 AND component_id = $1 ORDER BY created_at DESC, creation DESC LIMIT $2 OFFSET $3")]
    [InlineData("SELECT memory FROM user_memories WHERE tenant_id = $4 AND user_id = $1 ORDER BY updated_at DESC, creation DESC LIMIT $2 OFFSET $3")]
    public void A_question_that_is_asked_often_is_answered_by_an_index_and_never_sorted(string sql)
    {
        using var directory = new TestDirectory();
        using var store = directory.Open();
        var explain = new Statement("EXPLAIN QUERY PLAN " + sql);
        for (var i = 0; i < 3 && sql.Contains($"${i + 1}", StringComparison.Ordinal); i++)
        {
            explain.Add(ColumnType.Long, 1L);
        }

        var plan = store.Database.Query(explain, row => row.GetString(3));

        Assert.DoesNotContain(plan, step => step.Contains("USE TEMP B-TREE", StringComparison.Ordinal) || (step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("INDEX", StringComparison.Ordinal)));
    }
}
