using Cluster.Engine.Errors;
using Microsoft.Data.Sqlite;

namespace Cluster.Storage.Sqlite;

/// <summary>Tells failures of SQLite apart: those of the disk, those that the caller caused, and bugs.</summary>
internal static class SqliteErrors
{
    /// <summary>Somebody broke the statement off.</summary>
    public const int Interrupted = 9;

    private const int Error = 1;
    private const int Busy = 5;
    private const int NoMemory = 7;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpenCode = 14;
    private const int TooBig = 18;
    private const int NotADatabase = 26;

    /// <summary>Turns a failure of a statement into what callers understand.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="place">The directory, for messages.</param>
    /// <returns>The exception to throw; null when the failure is a bug and should fly as it is.</returns>
    public static EngineException? Translate(SqliteException exception, string place) => exception.SqliteErrorCode switch
    {
        Full => new UnavailableException($"The store in '{place}' cannot be written: its disk is full. Make room; nothing that was acknowledged is lost.", exception) { Reason = "the disk is full" },
        ReadOnly => new UnavailableException($"The store in '{place}' cannot be written: its files are read-only. Make them writable for this process.", exception) { Reason = "the files are read-only" },
        InputOutput or CannotOpenCode => new UnavailableException($"The store in '{place}' cannot be written or read: the disk reports an error ({exception.SqliteExtendedErrorCode}).", exception) { Reason = "the disk reports an error" },
        Corrupt or NotADatabase => new UnavailableException($"The store in '{place}' is damaged: {exception.Message}. Stop the program and restore a copy of it.", exception) { Reason = "the database is damaged" },
        Busy or NoMemory => new UnavailableException($"The store in '{place}' cannot work at the moment: {exception.Message}.", exception) { Reason = "the database is busy, or memory is short" },
        Error when exception.Message.Contains("no such table", StringComparison.Ordinal) || exception.Message.Contains("no such column", StringComparison.Ordinal) =>
            new UnavailableException($"The store in '{place}' lacks a table or a column: {exception.Message}. Restore a copy of it.", exception) { NeedsRepair = true, Reason = "a table is missing" },
        TooBig => new InvalidRequestException("A value is too long for the store.", exception),
        _ => null,
    };

    /// <summary>Tells whether a file is no database of SQLite, or one that is damaged.</summary>
    /// <param name="exception">The failure.</param>
    /// <returns>True when it is.</returns>
    public static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>Says why a database could not be opened.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="error">The failure.</param>
    /// <returns>The exception to throw.</returns>
    public static Exception NotOpened(string directory, SqliteException error) => IsDamage(error)
        ? new InvalidDataException($"The store in '{directory}' is damaged or no database of SQLite: {error.Message} Restore a copy of it, or name another directory.", error)
        : CannotOpen(directory, error);

    /// <summary>Says that a directory cannot be opened.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="error">What the system says.</param>
    /// <returns>The exception to throw.</returns>
    public static UnavailableException CannotOpen(string directory, Exception error) => new(
        $"The store in '{directory}' cannot be opened: {error.Message} Make the directory writable for this process, or name another one in "
        + $"{SqliteStorageOptions.SectionName}:{nameof(SqliteStorageOptions.Directory)}.",
        error);
}
