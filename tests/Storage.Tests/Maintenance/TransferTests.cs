using Cluster.Engine.Errors;
using Cluster.Storage.Sql;
using Cluster.Storage.Tests.Conformance;
using Cluster.Storage.Tests.Postgres;
using Cluster.Storage.Tests.Sqlite;
using Cluster.Storage.Transfer;

namespace Cluster.Storage.Tests.Maintenance;

public sealed class TransferTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_goes_from_SQLite_to_PostgreSQL_and_back_is_the_same()
    {
        using var first = new TestDirectory();
        using var last = new TestDirectory();
        await using var between = await PostgresSchema.CreateAsync();
        await Maintained.FillAsync(first);
        var exported = await Maintained.Of(first).ExportAsync();

        await Maintained.Of(between).ImportAsync(exported);
        var back = await Maintained.Of(between).ExportAsync();
        await Maintained.Of(last).ImportAsync(back);

        Assert.Equal(exported, await Maintained.Of(last).ExportAsync());
        Assert.Equal(await first.ReadAsync(), await last.ReadAsync());
        Assert.Empty(await Maintained.Of(between).CheckAsync());
        Assert.Empty(await Maintained.Of(last).CheckAsync());
    }

    [Fact]
    public async Task What_PostgreSQL_wrote_itself_comes_over_too()
    {
        using var directory = new TestDirectory();
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await Maintained.FillAsync(schema);

        await Maintained.Of(directory).ImportAsync(await Maintained.Of(schema).ExportAsync());

        using var store = directory.Open();
        Assert.Equal(Samples.ToJson(Samples.Memory("m1")), Samples.ToJson(await store.Memories.FindAsync(Engine.Memory.MemoryScope.Everyone, "m1", Stop)));
        Assert.Equal(7 * 2, (await store.Runs.FindAsync("s1", Stop))!.Metrics!.InputTokens);
        Assert.Single(await store.Runs.ListUnfinishedAsync(cancellationToken: Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Numbers_go_on_where_they_stopped(bool isPostgres)
    {
        using var source = new TestDirectory();
        using var directory = new TestDirectory();
        await Maintained.FillAsync(source);
        var exported = await Maintained.Of(source).ExportAsync();
        if (isPostgres)
        {
            await using var schema = await PostgresSchema.CreateAsync();
            await Maintained.Of(schema).ImportAsync(exported);
            var there = schema.NewStore();
            Assert.True((await there.AcceptAsync(Samples.Accept("new", "another"), Stop)).Sequence > 9);
            return;
        }

        await Maintained.Of(directory).ImportAsync(exported);
        using var store = directory.Open();
        Assert.True((await store.Runs.AcceptAsync(Samples.Accept("new", "another"), Stop)).Sequence > 9);
    }

    [Fact]
    public async Task A_store_that_holds_something_takes_nothing_in()
    {
        using var directory = new TestDirectory();
        await Maintained.FillAsync(directory);
        var exported = await Maintained.Of(directory).ExportAsync();
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        await schema.ExecuteAsync("INSERT INTO user_memories (memory_id, user_id, memory, memory_folded, created_at, updated_at) VALUES ('m', 'u', '\"x\"', 'X', 1, 1)");

        await Assert.ThrowsAsync<ConflictException>(() => Maintained.Of(directory).ImportAsync(exported));
        await Assert.ThrowsAsync<ConflictException>(() => Maintained.Of(schema).ImportAsync(exported));
        Assert.Equal(exported, await Maintained.Of(directory).ExportAsync());
    }

    public static TheoryData<string> Spoilt => [.. Spoilers.Keys];

    private static Dictionary<string, Func<string, string>> Spoilers { get; } = new(StringComparer.Ordinal)
    {
        ["nothing"] = _ => string.Empty,
        ["something else"] = _ => "hello\n",
        ["no lines"] = lines => lines.Replace("\n", " ", StringComparison.Ordinal),
        ["cut off"] = lines => lines[..(lines.Length / 2)],
        ["no end"] = lines => lines[..(lines.TrimEnd('\n').LastIndexOf('\n') + 1)],
        ["a row is missing"] = lines => string.Join('\n', lines.Split('\n').Where(line => !line.StartsWith("{\"user_memory\"", StringComparison.Ordinal))),
        ["a session is missing"] = lines => string.Join('\n', lines.Split('\n').Where(line => !line.Contains("\"session_id\":\"s1\",\"session_type\"", StringComparison.Ordinal))),
        ["a run is missing"] = lines => string.Join('\n', lines.Split('\n').Where(line => !line.StartsWith("{\"run\":{\"tenant_id\":\"default\",\"sequence\":3,", StringComparison.Ordinal))),
        ["a row is there twice"] = lines => string.Concat(lines.Split('\n').Select(line => line.StartsWith("{\"user_memory\"", StringComparison.Ordinal) ? $"{line}\n{line}\n" : $"{line}\n")),
        ["a newer version"] = lines => lines.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal),
        ["an unknown field"] = lines => lines.Replace("{\"run\":{", "{\"run\":{\"colour\":1,", StringComparison.Ordinal),
        ["an unknown table"] = lines => lines.Replace("{\"user_memory\"", "{\"user_colour\"", StringComparison.Ordinal),
        ["a number that is none"] = lines => lines.Replace("\"generation\":1", "\"generation\":\"one\"", StringComparison.Ordinal),
        ["half a character"] = lines => lines.Replace("\"run_id\":\"r0\"", "\"run_id\":\"\\ud83d\"", StringComparison.Ordinal),
        ["a NUL in an id"] = lines => lines.Replace("\"run_id\":\"r0\"", "\"run_id\":\"\\u0000\"", StringComparison.Ordinal),
        ["no id"] = lines => lines.Replace("\"run_id\":\"r0\",", string.Empty, StringComparison.Ordinal),
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public async Task An_export_that_is_not_whole_is_refused_and_leaves_nothing(string how)
    {
        using var source = new TestDirectory();
        using var directory = new TestDirectory();
        await using var schema = await PostgresSchema.CreateAsync();
        await Maintained.FillAsync(source);
        var exported = await Maintained.Of(source).ExportAsync();
        var spoilt = Spoilers[how](exported);

        Assert.NotEqual(exported, spoilt);
        await Assert.ThrowsAsync<InvalidDataException>(() => Maintained.Of(directory).ImportAsync(spoilt));
        await Assert.ThrowsAsync<InvalidDataException>(() => Maintained.Of(schema).ImportAsync(spoilt));

        // What was refused left nothing, so the whole one is taken.
        await Maintained.Of(directory).ImportAsync(exported);
        await Maintained.Of(schema).ImportAsync(exported);
    }

    [Fact]
    public async Task Every_column_of_both_schemas_is_exported_or_follows_from_what_is()
    {
        using var directory = new TestDirectory();
        await using var schema = await PostgresSchema.CreateMigratedAsync();
        using var store = directory.Open();
        await using var connection = await schema.DataSource.OpenConnectionAsync(Stop);
        var inSqlite = store.Database.Query(
            new Statement("SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"), row => row.GetString(0));
        var inPostgres = await Cluster.Storage.Postgres.PostgresStatements.QueryAsync(
            new Statement("SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()"), connection, row => row.GetString(0), Stop);

        // What the runtime of a cluster keeps holds for one cluster only, results can be had again, and which write decided matters until it is answered.
        var left = inPostgres.Where(column => column.StartsWith("orleans", StringComparison.Ordinal) || column.StartsWith("cached_results.", StringComparison.Ordinal) || column.StartsWith("schema_version.", StringComparison.Ordinal))
            .Append("approvals.resolved_in");
        Assert.Equal(
            Columns(field => field.IsInSqlite ? field.SqliteColumn ?? field.Name : null, []), inSqlite.Where(column => !IsOfMedia(column)).Order(StringComparer.Ordinal));
        Assert.Equal(Columns(field => field.Name, ["runs.last_write"]), inPostgres.Except(left, StringComparer.Ordinal).Where(column => !IsOfMedia(column)).Order(StringComparer.Ordinal));
    }

    /// <summary>A store with content is not exported.</summary>
    private static bool IsOfMedia(string column) => column.StartsWith("media", StringComparison.Ordinal);

    private static IEnumerable<string> Columns(Func<StoredField, string?> column, string[] more) => StoredTables.All
        .SelectMany(table => table.Fields.Select(column).OfType<string>().Concat(table.Folded.Select(folded => folded.Column)).Select(name => $"{table.Name}.{name}"))
        .Concat(more).Order(StringComparer.Ordinal);
}
