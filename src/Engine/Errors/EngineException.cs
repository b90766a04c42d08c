namespace Cluster.Engine.Errors;

/// <summary>A request that was refused and changed nothing. Its message is meant for the caller: it names the thing and the remedy.</summary>
public abstract class EngineException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong and what to do.</param>
    /// <param name="innerException">The cause; null without one.</param>
    protected EngineException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>The request does not fit: a value is missing, malformed or out of range.</summary>
/// <param name="message">What was wrong and what to do.</param>
/// <param name="innerException">The cause; null without one.</param>
public sealed class InvalidRequestException(string message, Exception? innerException = null) : EngineException(message, innerException);

/// <summary>The thing that the request names does not exist, or not for this user.</summary>
/// <param name="message">What was wrong and what to do.</param>
public sealed class NotFoundException(string message) : EngineException(message);

/// <summary>The request contradicts what is there.</summary>
/// <param name="message">What was wrong and what to do.</param>
public sealed class ConflictException(string message) : EngineException(message);

/// <summary>The caller may not do this.</summary>
/// <param name="message">What was wrong and what to do.</param>
public sealed class ForbiddenException(string message) : EngineException(message);

/// <summary>Something that the request needs is not there for now, for instance the store. Trying again later may help.</summary>
/// <param name="message">What was wrong and what to do.</param>
/// <param name="innerException">The cause; null without one.</param>
public sealed class UnavailableException(string message, Exception? innerException = null) : EngineException(message, innerException)
{
    /// <summary>Gets a value indicating whether callers may read the message. By default only the log may: stores name directories, hosts and roles.</summary>
    public bool IsForCallers { get; init; }

    /// <summary>Gets a value indicating whether waiting alone does not help, because somebody has to change something first, a password for instance.</summary>
    public bool NeedsRepair { get; init; }
}

/// <summary>Another owner has taken a run over. The one who sees this stops working on the run at once.</summary>
/// <param name="message">Which run, and which generations.</param>
public sealed class FencedException(string message) : EngineException(message);
