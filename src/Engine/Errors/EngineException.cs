using System.Globalization;

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

/// <summary>A field of the request is larger than what is taken for it.</summary>
/// <param name="field">The field, as it is named on the wire.</param>
/// <param name="size">How large it is.</param>
/// <param name="limit">How large it may be.</param>
/// <param name="option">The setting of the limit; null where there is none.</param>
/// <param name="unit">What is counted.</param>
public sealed class TooLargeException(string field, long size, long limit, string? option = null, string unit = "bytes")
    : EngineException(string.Create(
        CultureInfo.InvariantCulture,
        $"{field} has {size:N0} {unit}, and at most {limit:N0} are taken. {(option is null ? "Send less." : $"Send less, or raise {option}.")}"))
{
    /// <summary>Gets the field, as it is named on the wire.</summary>
    public string Field { get; } = field;

    /// <summary>Gets how large it is.</summary>
    public long Size { get; } = size;

    /// <summary>Gets how large it may be.</summary>
    public long Limit { get; } = limit;

    /// <summary>Gets the setting of the limit; null where there is none.</summary>
    public string? Option { get; } = option;

    /// <summary>Gets what is counted.</summary>
    public string Unit { get; } = unit;
}

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

    /// <summary>Gets what is wrong in a few words that anybody may read; null where nobody has put it so.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets a value indicating whether waiting alone does not help, because somebody has to change something first, a password for instance.</summary>
    public bool NeedsRepair { get; init; }
}

/// <summary>Another owner has taken a run over. The one who sees this stops working on the run at once.</summary>
/// <param name="message">Which run, and which generations.</param>
public sealed class FencedException(string message) : EngineException(message);
