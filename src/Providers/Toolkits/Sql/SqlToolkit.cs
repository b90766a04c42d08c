using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.RegularExpressions;
using Cluster.Engine.Errors;
using Cluster.Engine.Tools;

namespace Cluster.Providers.Toolkits.Sql;

/// <summary>A PostgreSQL database.</summary>
public static class SqlToolkit
{
    /// <summary>Makes the toolkit <c>sql</c>. Nothing is connected to yet.</summary>
    /// <param name="options">The database and what may be done in it.</param>
    /// <returns>The toolkit.</returns>
    public static Toolkit Create(SqlToolkitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var tools = new SqlTools(new SqlDatabase(options));
        var reading = new ToolOptions { Effect = ToolEffect.Pure };
        ImmutableArray<Tool> all = [Tool.Create(tools.ListTablesAsync, reading), Tool.Create(tools.DescribeTableAsync, reading), Tool.Create(tools.RunSqlQueryAsync, reading)];
        return new Toolkit { Name = "sql", Tools = options.AllowWrite ? all.Add(Tool.Create(tools.RunSqlStatementAsync)) : all };
    }

    private sealed class SqlTools(SqlDatabase database)
    {
        private const string Tables =
            """
            SELECT n.nspname AS schema, c.relname AS name,
                CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
                CASE WHEN c.reltuples >= 0 AND c.relkind IN ('r', 'p', 'm') THEN c.reltuples::bigint END AS estimated_rows,
                obj_description(c.oid, 'pg_class') AS comment
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
                AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
            ORDER BY 1, 2
            """;

        private const string Columns =
            """
            SELECT a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
                pg_get_expr(d.adbin, d.adrelid) AS "default", col_description(a.attrelid, a.attnum) AS comment
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """;

        private const string Keys =
            """
            SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype <> 'n'
            UNION ALL
            SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indrelid = to_regclass($1) AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)
            ORDER BY 1
            """;

        [Description("Lists the tables and views of the database.")]
        public async Task<string> ListTablesAsync(CancellationToken cancellationToken) => ToolJson.Write(await database.ReadAsync(Tables, null, cancellationToken));

        [Description("Tells the columns, keys and indexes of a table or view.")]
        public async Task<string> DescribeTableAsync([Description("The table, for instance orders or sales.orders.")] string table, CancellationToken cancellationToken)
        {
            var columns = await database.ReadAsync(Columns, table, cancellationToken);
            return columns.Rows.Count == 0
                ? throw new NotFoundException($"There is no table '{table}'. List the tables to see which there are; names with capitals need double quotes.")
                : ToolJson.Write(new { table, columns, keys = await database.ReadAsync(Keys, table, cancellationToken) });
        }

        [Description("Runs one SQL query (SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN) in PostgreSQL's dialect. It cannot change anything.")]
        public async Task<string> RunSqlQueryAsync([Description("The query, without a semicolon.")] string query, CancellationToken cancellationToken) =>
            SqlText.IsQuery(query)
                ? ToolJson.Write(await database.ReadAsync(SqlText.Single(query), null, cancellationToken))
                : throw new InvalidRequestException("This is no query. Begin with SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN.");

        [Description("Runs one SQL statement that may change rows or tables, in PostgreSQL's dialect, in a transaction of its own.")]
        public async Task<string> RunSqlStatementAsync([Description("The statement, without a semicolon.")] string statement, CancellationToken cancellationToken) =>
            ToolJson.Write(await database.WriteAsync(SqlText.Single(statement), cancellationToken));
    }
}

/// <summary>Looks at SQL as far as that is possible without understanding it.</summary>
internal static partial class SqlText
{
    /// <summary>Tells whether a statement begins like a query. What it does then, the read-only transaction decides; this keeps COPY out, which may write files in one.</summary>
    public static bool IsQuery(string sql) => Query().IsMatch(sql);

    /// <summary>Takes the last semicolon away, which models like to write. Any other makes two statements, which are refused.</summary>
    public static string Single(string sql) => sql.Trim().TrimEnd(';').TrimEnd();

    [GeneratedRegex(@"^(?:\s+|\(|--[^\n]*(?:\n|$)|/\*(?>.*?\*/))*(?:select|with|values|table|show|explain)\b", RegexOptions.IgnoreCase | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Query();
}
