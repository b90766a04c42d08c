using System.Collections.Immutable;
using System.Data.Common;

namespace Cluster.Storage.Sql;

/// <summary>How a dialect keeps a list of texts in one column.</summary>
internal abstract class TextLists
{
    /// <summary>Adds a list as the next parameter.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="texts">The list; null for SQL's null.</param>
    /// <returns>The statement.</returns>
    public abstract Statement Add(Statement statement, ImmutableArray<string>? texts);

    /// <summary>Reads a list.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">The column, from 0.</param>
    /// <returns>The list; null for SQL's null.</returns>
    public abstract ImmutableArray<string>? Read(DbDataReader row, int column);

    /// <summary>Goes on with a condition that a column's list holds all of some texts.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="column">The column.</param>
    /// <param name="texts">The texts, at least one.</param>
    /// <returns>The statement.</returns>
    public abstract Statement AppendHolds(Statement statement, string column, ImmutableArray<string> texts);

    /// <summary>Goes on with a condition that a column of text is one of some ids.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="column">The column.</param>
    /// <param name="ids">The ids.</param>
    /// <returns>The statement.</returns>
    public abstract Statement AppendAmong(Statement statement, string column, ImmutableArray<string> ids);

    /// <summary>Gives what to select for the different texts of a column's lists.</summary>
    /// <param name="column">The column.</param>
    /// <returns>What stands behind SELECT. Each row is read by <see cref="ReadSome"/>.</returns>
    public abstract string SelectDistinct(string column);

    /// <summary>Reads the texts of a row of <see cref="SelectDistinct"/>. Rows may share texts.</summary>
    /// <param name="row">The row.</param>
    /// <returns>The texts.</returns>
    public abstract IEnumerable<string> ReadSome(DbDataReader row);
}
