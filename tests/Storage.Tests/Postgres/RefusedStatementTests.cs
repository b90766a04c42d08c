using Cluster.Storage.Postgres;
using Npgsql;

namespace Cluster.Storage.Tests.Postgres;

/// <summary>A connection on which the server refused something must not spoil the work of whoever gets it next.</summary>
public sealed class RefusedStatementTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("INSERT INTO once VALUES (1)", "SELECT 7")]
    [InlineData("SELECT 1 / (SELECT 0)", "SELECT 7")]
    [InlineData("SELECT * FROM nothing_of_that_name", "SELECT 7")]
    [InlineData("SELECT chr(0)", "SELECT 7")]
    [InlineData("SELECT 7", "INSERT INTO once VALUES (1)")]
    [InlineData("SELECT 7", "SELECT 1 / (SELECT 0)")]
    public async Task Work_succeeds_behind_work_that_was_refused_while_its_statements_were_prepared(string first, string second)
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var dataSource = PostgresConnection.CreateDataSource(schema.ConnectionString);
        var database = new PostgresDatabase(dataSource);
        await database.RunAsync((connection, token) => ExecuteAsync(connection, token, "CREATE TABLE once (id int PRIMARY KEY)", "INSERT INTO once VALUES (1)"), Stop);

        for (var time = 0; time < 12; time++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => database.RunAsync((connection, token) => ExecuteAsync(connection, token, first, second), Stop, isRepeatable: time % 2 == 0));
            Assert.Equal(1L, await database.RunAsync((connection, token) => ExecuteAsync(connection, token, "SELECT count(*) FROM once"), Stop));
        }
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, CancellationToken cancellationToken, params string[] statements)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(statement));
        }

        return await batch.ExecuteScalarAsync(cancellationToken);
    }
}
