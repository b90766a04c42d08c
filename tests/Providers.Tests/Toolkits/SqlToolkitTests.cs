using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;
using Cluster.Providers.Toolkits.Sql;
using Npgsql;

namespace Cluster.Providers.Tests.Toolkits;

public sealed class SqlToolkitTests : IAsyncLifetime
{
    private readonly string _schema = $"toolkit_{Guid.NewGuid():N}";
    private NpgsqlDataSource? _server;
    private string _connection = string.Empty;

    public async ValueTask InitializeAsync()
    {
        var server = Environment.GetEnvironmentVariable("TEST_POSTGRES");
        Assert.SkipWhen(string.IsNullOrEmpty(server), "POSTGRESQL IS NOT TESTED: run ./test.sh, which brings a server, or set TEST_POSTGRES to a connection string.");
        _connection = new NpgsqlConnectionStringBuilder(server) { SearchPath = _schema, ApplicationName = _schema }.ConnectionString;
        _server = NpgsqlDataSource.Create(_connection);
        await ExecuteAsync(
            $"""
            CREATE SCHEMA {_schema};
            CREATE TYPE mood AS ENUM ('good', 'bad');
            CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, since date DEFAULT '2026-01-02');
            CREATE TABLE orders (id bigint PRIMARY KEY, customer int REFERENCES customers, total numeric(10,2), mood mood, tags text[], at timestamptz, note jsonb);
            CREATE INDEX orders_total ON orders (total);
            COMMENT ON COLUMN orders.total IS 'in euros';
            CREATE VIEW big_orders AS SELECT * FROM orders WHERE total > 100;
            INSERT INTO customers (id, name) VALUES (1, 'Ann'), (2, 'Bob');
            INSERT INTO orders VALUES (10, 1, 12.50, 'good', ARRAY['a', NULL], '2026-01-02T03:04:05Z', '[1]');
            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await ExecuteAsync($"DROP SCHEMA {_schema} CASCADE");
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Tables_are_listed_and_described()
    {
        var tables = Rows(await Sql().CallForJsonAsync("list_tables")).Where(row => row[0].GetString() == _schema);
        var orders = await Sql().CallForJsonAsync("describe_table", new { table = "orders" });

        Assert.Equal([("big_orders", "view"), ("customers", "table"), ("orders", "table")], tables.Select(row => (row[1].GetString(), row[2].GetString())));
        Assert.Equal("""["total","numeric(10,2)",true,null,"in euros"]""", orders.GetProperty("columns").GetProperty("rows")[2].GetRawText());
        Assert.Contains("FOREIGN KEY (customer) REFERENCES", orders.GetProperty("keys").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("orders_total", orders.GetProperty("keys").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_gives_columns_and_typed_values() =>
        Assert.Equal(
            """{"columns":["name","since","total","mood","tags","at","note","nothing"],"rows":[["Ann","2026-01-02",12.50,"good",["a",null],"2026-01-02T03:04:05Z","[1]",null]]}""",
            await Sql().CallAsync("run_sql_query", new { query = "/* one */ -- two\n SELECT name, since, total, mood, tags, at, note, NULL AS nothing FROM orders JOIN customers c ON c.id = customer;" }));

    [Fact]
    public async Task A_large_result_is_cut_without_reading_the_rest()
    {
        var sql = Sql(options => options with { MaxRows = 2 });

        var result = await sql.CallForJsonAsync("run_sql_query", new { query = "SELECT n, repeat('x', 100) FROM generate_series(1, 100000000) n" });

        Assert.Equal(2, Rows(result).Count());
        Assert.Equal("There are more than 2 rows. Add a LIMIT, or ask for something narrower.", result.Text("truncated"));
        Assert.Equal("[[1]]", (await sql.CallForJsonAsync("run_sql_query", new { query = "SELECT 1" })).GetProperty("rows").GetRawText());
    }

    [Theory]
    [InlineData("WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone")]
    [InlineData("SELECT setval('s', 1) FROM orders")]
    [InlineData("SELECT set_config('transaction_read_only', 'off', true)")]
    [InlineData("EXPLAIN ANALYZE DELETE FROM orders")]
    [InlineData("SELECT 1; DELETE FROM orders")]
    [InlineData("SELECT 1; COMMIT; DELETE FROM orders")]
    [InlineData("SELECT ';'; DELETE FROM orders")]
    [InlineData("DELETE FROM orders")]
    [InlineData("COMMIT")]
    [InlineData("COPY orders TO '/tmp/toolkit-orders'")]
    [InlineData("SET TRANSACTION READ WRITE")]
    [InlineData("-- SELECT\nDROP TABLE orders")]
    public async Task A_query_cannot_change_anything(string query)
    {
        await ExecuteAsync("CREATE SEQUENCE IF NOT EXISTS s");

        await Assert.ThrowsAsync<InvalidRequestException>(() => Sql().CallAsync("run_sql_query", new { query }));

        Assert.Equal("[[1]]", (await Sql().CallForJsonAsync("run_sql_query", new { query = "SELECT count(*) FROM orders" })).GetProperty("rows").GetRawText());
    }

    [Fact]
    public async Task A_semicolon_in_a_text_is_no_second_statement() =>
        Assert.Equal("[[\";\"]]", (await Sql().CallForJsonAsync("run_sql_query", new { query = "SELECT ';'" })).GetProperty("rows").GetRawText());

    [Fact]
    public async Task Statements_that_write_are_there_when_they_are_allowed()
    {
        Assert.DoesNotContain(Sql().Tools, tool => tool.Name == "run_sql_statement");
        var sql = Sql(options => options with { AllowWrite = true });

        var result = await sql.CallForJsonAsync("run_sql_statement", new { statement = "UPDATE customers SET name = 'Cid' WHERE id = 2" });

        Assert.Equal(1, result.GetProperty("changed").GetInt32());
        Assert.Equal("[[\"Cid\"]]", (await sql.CallForJsonAsync("run_sql_query", new { query = "SELECT name FROM customers WHERE id = 2" })).GetProperty("rows").GetRawText());
        await Assert.ThrowsAsync<InvalidRequestException>(() => sql.CallAsync("run_sql_statement", new { statement = "DELETE FROM orders; DELETE FROM customers" }));
        Assert.Equal([ToolEffect.Pure, ToolEffect.Pure, ToolEffect.Pure, ToolEffect.Once], sql.Tools.Select(tool => tool.Options.Effect));
    }

    [Fact]
    public async Task A_write_that_returns_more_rows_than_are_shown_is_carried_out_for_all()
    {
        await ExecuteAsync("CREATE TABLE many AS SELECT n, repeat('x', 1000) AS text FROM generate_series(1, 20000) n");
        var sql = Sql(options => options with { AllowWrite = true, MaxRows = 2 });

        var result = await sql.CallForJsonAsync("run_sql_statement", new { statement = "UPDATE many SET n = 0 RETURNING *" });

        Assert.Equal((2, 20_000), (Rows(result).Count(), result.GetProperty("changed").GetInt32()));
        Assert.Equal("Only the first 2 rows are shown. The statement was carried out for all.", result.Text("truncated"));
        Assert.Equal("[[20000]]", (await sql.CallForJsonAsync("run_sql_query", new { query = "SELECT count(*) FROM many WHERE n = 0" })).GetProperty("rows").GetRawText());
    }

    [Fact]
    public async Task A_query_that_takes_too_long_is_ended_by_the_server()
    {
        var sql = Sql(options => options with { Timeout = TimeSpan.FromMilliseconds(200) });

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => sql.CallAsync("run_sql_query", new { query = "SELECT pg_sleep(600)" }));

        Assert.Equal("PostgreSQL refuses the statement: canceling statement due to statement timeout. (57014)", refusal.Message);
    }

    [Fact]
    public async Task A_timeout_of_the_connection_string_does_not_end_a_statement_that_may_take_longer()
    {
        var sql = Sql(options => options with { ConnectionString = new NpgsqlConnectionStringBuilder(_connection) { CommandTimeout = 1 }.ConnectionString });

        Assert.Equal("[[\"\"]]", (await sql.CallForJsonAsync("run_sql_query", new { query = "SELECT pg_sleep(2)::text" })).GetProperty("rows").GetRawText());
    }

    [Theory]
    [InlineData("SELECT nam FROM customers", "PostgreSQL refuses the statement: column \"nam\" does not exist. Perhaps you meant to reference the column \"customers.name\". (42703)")]
    [InlineData("SELECT 1; SELECT 2", "Only one statement can be run at a time. Take the semicolons away.")]
    public async Task A_mistake_is_told_with_the_remedy(string query, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<InvalidRequestException>(() => Sql().CallAsync("run_sql_query", new { query }))).Message);

    [Fact]
    public async Task A_function_without_a_result_gives_nothing() =>
        Assert.Equal("[[null,1]]", (await Sql().CallForJsonAsync("run_sql_query", new { query = "SELECT pg_sleep(0), 1" })).GetProperty("rows").GetRawText());

    [Fact]
    public async Task Long_values_are_cut_without_being_read_whole()
    {
        const string Query =
            "SELECT repeat('a', 50000000), repeat('ä', 3)::bytea, decode(repeat('00', 40000000), 'hex'), ARRAY(SELECT generate_series(1, 1000000)), ARRAY[1, 2], jsonb_build_object('a', repeat('b', 5000)), 7";
        var row = Rows(await Sql(options => options with { MaxValueLetters = 10 }).CallForJsonAsync("run_sql_query", new { query = Query })).Single();

        Assert.Equal("aaaaaaaaaa\n[49999990 more characters were left out. Ask for a part of it.]", row[0].GetString());
        Assert.Equal("\\xc3a4c3a4c3a4", row[1].GetString());
        Assert.EndsWith("… (40000000 bytes)", row[2].GetString(), StringComparison.Ordinal);
        Assert.Matches(@"^\[a value of type integer\[\] with [0-9]+ bytes; ask for a part of it\]$", row[3].GetString());
        Assert.Equal("[1,2]", row[4].GetRawText());
        Assert.StartsWith("{\"a\": \"bbb\n[", row[5].GetString(), StringComparison.Ordinal);
        Assert.Equal(7, row[6].GetInt32());
    }

    [Fact]
    public async Task Rows_that_are_long_together_are_cut()
    {
        var result = await Sql(options => options with { MaxValueLetters = 100_000 }).CallForJsonAsync("run_sql_query", new { query = "SELECT repeat('a', 90000) FROM generate_series(1, 100)" });

        Assert.Equal(6, Rows(result).Count());
        Assert.Equal("There are more than 6 rows. Add a LIMIT, or ask for something narrower.", result.Text("truncated"));
    }

    [Fact]
    public async Task A_wrong_password_is_not_told()
    {
        var sql = Sql(options => options with { ConnectionString = new NpgsqlConnectionStringBuilder(_connection) { Password = "hunter2" }.ConnectionString });

        var refusal = await Assert.ThrowsAsync<UnavailableException>(() => sql.CallAsync("list_tables"));

        Assert.Equal("The database does not let this agent in. Whoever runs the agent has to correct the connection string.", refusal.Message);
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_named() =>
        Assert.StartsWith("There is no table 'nothing'.", (await Assert.ThrowsAsync<NotFoundException>(() => Sql().CallAsync("describe_table", new { table = "nothing" }))).Message, StringComparison.Ordinal);

    private static JsonElement.ArrayEnumerator Rows(JsonElement result) => result.GetProperty("rows").EnumerateArray();

    private Toolkit Sql(Func<SqlToolkitOptions, SqlToolkitOptions>? change = null)
    {
        var options = new SqlToolkitOptions { ConnectionString = _connection };
        return SqlToolkit.Create(change?.Invoke(options) ?? options);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _server!.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
