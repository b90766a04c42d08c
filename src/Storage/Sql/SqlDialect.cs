namespace Cluster.Storage.Sql;

/// <summary>Where the same question is put in other words.</summary>
/// <param name="Contains">A condition that a column of bytes, <c>{0}</c>, contains the parameter.</param>
/// <param name="OfSession">A condition that a run belongs to the session whose id is the parameter.</param>
/// <param name="OfSessionHash">What is added to it where the component is asked for as well, so that an index of both can be used; null where it needs no such help.</param>
internal sealed record SqlDialect(string Contains, string OfSession, string? OfSessionHash)
{
    /// <summary>Gets PostgreSQL's. The index of what a component completed has a hash of the session's id, which may be too long to stand beside another one.</summary>
    public static SqlDialect Postgres { get; } = new(
        "position(? IN {0}) > 0", "session_id = ?", "hashtextextended(session_id, 0) = hashtextextended(? COLLATE \"C\", 0)");

    /// <summary>Gets SQLite's. Runs refer to their session by its number, which makes smaller rows and indexes.</summary>
    public static SqlDialect Sqlite { get; } = new(
        "instr({0}, ?) > 0", "session = (SELECT creation FROM sessions WHERE session_id = ?)", null);

    /// <summary>Asks whether a column contains the parameter.</summary>
    /// <param name="column">The column.</param>
    /// <returns>The condition.</returns>
    public string InColumn(string column) => Contains.Replace("{0}", column, StringComparison.Ordinal);
}
