using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text;
using Cluster.Storage.Sql;

namespace Cluster.Storage.Postgres;

/// <summary>Keeps a list of texts as an array of UTF-8: PostgreSQL's text cannot hold a NUL.</summary>
internal sealed class PostgresTextLists : TextLists
{
    public override Statement Add(Statement statement, ImmutableArray<string>? texts) =>
        statement.AddArray(ColumnType.Bytes, texts is { } known ? known.Select(Encoding.UTF8.GetBytes).ToArray() : null);

    public override ImmutableArray<string>? Read(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : [.. row.GetFieldValue<byte[][]>(column).Select(Encoding.UTF8.GetString)];

    public override Statement AppendHolds(Statement statement, string column, ImmutableArray<string> texts) =>
        Add(statement, texts).Append(string.Create(CultureInfo.InvariantCulture, $" AND {column} @> ${statement.Parameters.Count}"));

    public override Statement AppendAmong(Statement statement, string column, ImmutableArray<string> ids) =>
        statement.Append($"{column} = ANY (").AppendColumn(ColumnType.Text, ids, id => id).Append(")");

    public override string SelectDistinct(string column) => $"DISTINCT unnest({column})";

    public override IEnumerable<string> ReadSome(DbDataReader row) => row.IsDBNull(0) ? [] : [Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(0))];
}
