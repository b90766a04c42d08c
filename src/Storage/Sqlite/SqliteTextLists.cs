using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Sqlite;

/// <summary>Keeps a list of texts as a JSON array.</summary>
internal sealed class SqliteTextLists : TextLists
{
    public override Statement Add(Statement statement, ImmutableArray<string>? texts) =>
        statement.Add(ColumnType.Json, Values.Json(texts?.ToArray(), EngineJson.Context.StringArray));

    public override ImmutableArray<string>? Read(DbDataReader row, int column) =>
        row.GetJson(column, EngineJson.Context.StringArray) is { } texts ? [.. texts] : null;

    public override Statement AppendHolds(Statement statement, string column, ImmutableArray<string> texts)
    {
        foreach (var text in texts)
        {
            statement.Append($" AND EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)", ColumnType.Text, text);
        }

        return statement;
    }

    public override Statement AppendAmong(Statement statement, string column, ImmutableArray<string> ids) =>
        statement.Append($"{column} IN (SELECT value FROM json_each(?))", ColumnType.Text, JsonSerializer.Serialize([.. ids], EngineJson.Context.StringArray));

    public override string SelectDistinct(string column) => $"DISTINCT {column}";

    public override IEnumerable<string> ReadSome(DbDataReader row) => Read(row, 0) ?? [];
}
