using Cluster.Storage.Postgres;
using Cluster.Storage.Sqlite;

namespace Cluster.Storage.Sql;

/// <summary>Where the same question is put in other words.</summary>
/// <param name="Contains">A condition that a column of bytes, <c>{0}</c>, contains the parameter.</param>
/// <param name="OfSession">A condition that a run belongs to the session whose id is the parameter.</param>
/// <param name="OfSessionHash">What is added to it where the component is asked for as well, so that an index of both can be used; null where it needs no such help.</param>
internal sealed record SqlDialect(string Contains, string OfSession, string? OfSessionHash)
{
    /// <summary>Gets how a parameter, <c>?</c>, becomes what a column of documents or lists holds.</summary>
    public required string Document { get; init; }

    /// <summary>Gets the condition that a run, <c>r</c>, belongs to a session, <c>s</c>.</summary>
    public required string OfSessionRow { get; init; }

    /// <summary>Gets the column of runs to which events refer.</summary>
    public required string EventsKey { get; init; }

    /// <summary>Gets the beginning of a condition that events belong to runs, whose <see cref="EventsKey"/> follows in brackets.</summary>
    public required string EventsOfRuns { get; init; }

    /// <summary>Gets how lists of texts are kept.</summary>
    public required TextLists Lists { get; init; }

    /// <summary>Gets PostgreSQL's. The index of what a component completed has a hash of the session's id, which may be too long to stand beside another one.</summary>
    public static SqlDialect Postgres { get; } = new(
        "position(? IN {0}) > 0", "tenant_id = $1 AND session_id = ?", "hashtextextended(session_id, 0) = hashtextextended(? COLLATE \"C\", 0)")
    {
        Document = "?",
        OfSessionRow = "r.tenant_id = s.tenant_id AND r.session_id = s.session_id",
        EventsKey = "run_id",
        EventsOfRuns = "tenant_id = $1 AND run_id IN",
        Lists = new PostgresTextLists(),
    };

    /// <summary>Gets SQLite's. Runs refer to their session by its number, which makes smaller rows and indexes.</summary>
    public static SqlDialect Sqlite { get; } = new(
        "instr({0}, ?) > 0", "session = (SELECT creation FROM sessions WHERE tenant_id = $1 AND session_id = ?)", null)
    {
        // Bytes would stay bytes, and a document is a text.
        Document = "CAST(? AS TEXT)",
        OfSessionRow = "r.session = s.creation",
        EventsKey = "sequence",
        EventsOfRuns = "run IN",
        Lists = new SqliteTextLists(),
    };

    /// <summary>Writes a parameter as what a column of documents or lists holds.</summary>
    /// <param name="parameter">The parameter, for instance <c>$1</c>.</param>
    /// <returns>The expression.</returns>
    public string ToDocument(string parameter) => Document.Replace("?", parameter, StringComparison.Ordinal);

    /// <summary>Asks whether a column contains the parameter.</summary>
    /// <param name="column">The column.</param>
    /// <returns>The condition.</returns>
    public string InColumn(string column) => Contains.Replace("{0}", column, StringComparison.Ordinal);
}
