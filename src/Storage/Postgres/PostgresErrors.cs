using Cluster.Engine.Errors;
using Npgsql;

namespace Cluster.Storage.Postgres;

/// <summary>Tells failures of the server apart: those that pass, those that the caller caused, and bugs.</summary>
internal static class PostgresErrors
{
    /// <summary>Tells whether the same work may succeed at once on another connection.</summary>
    /// <param name="exception">The failure.</param>
    /// <returns>True when the connection broke, or another transaction was first: the next try sees what it did.</returns>
    public static bool IsWorthRepeating(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState
            is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.ConnectionFailure,
        NpgsqlException { InnerException: IOException } => true,
        _ => false,
    };

    /// <summary>Tells whether the connection that failed at its work, or others of the pool, cannot be used again.</summary>
    /// <param name="exception">The failure.</param>
    /// <returns>
    /// True when the connection was cut: the others usually were too. True also when the server refused a statement, for whatever reason: Npgsql 10 takes it for
    /// prepared although the execution that was to prepare it was refused, and then cannot read the next answer on that connection.
    /// </returns>
    public static bool SpoilsConnections(NpgsqlException exception) => exception is PostgresException or { InnerException: IOException };

    /// <summary>Turns a failure into what callers understand.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="server">The server's name for messages.</param>
    /// <returns>The exception to throw; null when the failure is a bug and should fly as it is.</returns>
    public static EngineException? Translate(Exception exception, string server) => exception switch
    {
        PostgresException postgres => Translate(postgres, server),
        NpgsqlException { InnerException: TimeoutException } => new UnavailableException($"PostgreSQL at {server} did not answer in time. Try again later.", exception) { Reason = "the server does not answer in time" },
        NpgsqlException or TimeoutException => new UnavailableException($"PostgreSQL at {server} cannot be reached. Check that it runs and that the connection string names it.", exception) { Reason = "the server cannot be reached" },
        _ => null,
    };

    private static EngineException? Translate(PostgresException exception, string server) => exception.SqlState switch
    {
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedColumn =>
            new UnavailableException($"The database of PostgreSQL at {server} has not been migrated to this program's schema. Migrate it up.", exception) { NeedsRepair = true, Reason = "a table or function is missing" },
        PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter =>
            new InvalidRequestException("A value holds characters that the store cannot keep.", exception),
        PostgresErrorCodes.ProgramLimitExceeded =>
            new InvalidRequestException("A value is too long for the store.", exception),
        PostgresErrorCodes.InvalidCatalogName => Broken(exception, server, "Create the database, or name another one in the connection string."),
        PostgresErrorCodes.InvalidPassword => Broken(exception, server, "Check the user name and the password in the connection string."),
        PostgresErrorCodes.InvalidAuthorizationSpecification => Broken(exception, server, "Check the user name in the connection string, and whether the server lets it in from here."),
        PostgresErrorCodes.InsufficientPrivilege => Broken(exception, server, "Grant it to the role of the connection string, or use another role."),
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.QueryCanceled => Refused(exception, server),
        var state when IsUnavailable(state) => Refused(exception, server),
        _ => null,
    };

    /// <summary>Connection, login, rollback, resources, object state, operator intervention, input and output: the classes of states that are nobody's bug.</summary>
    private static bool IsUnavailable(string state) => state.Length == 5 && state[..2] is "08" or "28" or "40" or "53" or "55" or "57" or "58";

    private static UnavailableException Broken(PostgresException exception, string server, string remedy) =>
        new($"PostgreSQL at {server} refused: {exception.MessageText} ({exception.SqlState}). {remedy}", exception) { NeedsRepair = true, Reason = "the server refuses this program" };

    private static UnavailableException Refused(PostgresException exception, string server) =>
        new($"PostgreSQL at {server} refused the work: {exception.MessageText} ({exception.SqlState}). Try again later.", exception)
        {
            Reason = exception.SqlState switch
            {
                PostgresErrorCodes.DiskFull => "the server's disk is full",
                PostgresErrorCodes.ReadOnlySqlTransaction => "the server is read-only",
                PostgresErrorCodes.OutOfMemory => "the server's memory is short",
                _ => "the server refuses the work",
            },
        };
}
