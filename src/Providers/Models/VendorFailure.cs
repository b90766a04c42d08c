using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Cluster.Engine.Models;
using Cluster.Providers.Models.Wire;

namespace Cluster.Providers.Models;

/// <summary>A vendor answered with an error. It never leaves this project: callers get a <see cref="Cluster.Engine.Models.ModelException"/>.</summary>
/// <param name="message">What the vendor said.</param>
/// <param name="innerException">The cause; null without one.</param>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "It is translated before it leaves the project.")]
internal sealed class VendorFailure(string message, Exception? innerException = null) : Exception(message, innerException)
{
    private const int TooManyRequests = 429;
    private const int Overloaded = 529;

    private static readonly string[] TooLong =
    [
        "context length", "context_length", "context window", "context limit", "context size", "maximum context", "maximum prompt length", "prompt is too long", "input is too long",
        "too many tokens", "maximum number of tokens", "max_new_tokens` must be", "exceeds the model's context", "reduce the length of the messages", "reduce your message size",
        "input token count", "exceed_context_size", "longer than the model's context", "context_window_exceeded", "range of input length should be", "prompt exceeds max length",
    ];

    private readonly ModelErrorKind? _kind;

    /// <summary>Gets the HTTP status, or what stands for one inside of a stream; null when there was no answer.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Gets how long the vendor asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets a value indicating whether the same call may succeed later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Gets what kind of failure it is.</summary>
    public ModelErrorKind Kind
    {
        get => _kind ?? StatusCode switch
        {
            _ when IsTooLong => ModelErrorKind.ContextLength,
            TooManyRequests or Overloaded => ModelErrorKind.RateLimit,
            400 or 401 or 403 or 404 or 413 or 422 => ModelErrorKind.Refused,
            _ => ModelErrorKind.Error,
        };
        init => _kind = value;
    }

    /// <summary>Vendors have no common code for it; these are the words of those that are known.</summary>
    private bool IsTooLong => StatusCode is null or 400 or 413 or 422 &&
        (Code is "context_length_exceeded" or "exceed_context_size_error" || TooLong.Any(words => Message.Contains(words, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Gets the vendor's own name of the failure; null when it gives none.</summary>
    private string? Code { get; init; }

    /// <summary>Makes the failure of an answer with a status.</summary>
    /// <param name="statusCode">The status.</param>
    /// <param name="body">The answer's body.</param>
    /// <param name="retryAfter">How long the vendor asks to wait; null when its headers do not say.</param>
    public static VendorFailure FromStatus(int statusCode, string body, TimeSpan? retryAfter)
    {
        var error = WireError.Read(body);
        return new VendorFailure(error.Message ?? $"HTTP {statusCode}")
        {
            StatusCode = statusCode,
            Code = error.Code,
            RetryAfter = retryAfter ?? error.RetryAfter,
            IsTransient = statusCode is TooManyRequests or >= 500,
        };
    }

    /// <summary>Makes the failure of an error that came in an answer that began as a success.</summary>
    /// <param name="body">The message of the stream, or the body.</param>
    public static VendorFailure FromStream(string body)
    {
        var error = WireError.Read(body);
        return new VendorFailure(error.Message ?? "The stream ended with an error.")
        {
            StatusCode = error.Status,
            Code = error.Code,
            RetryAfter = error.RetryAfter,
            IsTransient = error.Status is TooManyRequests or >= 500,
        };
    }

    /// <summary>Makes the failure of an answer that is neither a stream nor JSON.</summary>
    /// <param name="words">What came.</param>
    public static VendorFailure FromWords(string words) => FromStream(words) is { StatusCode: not null } known
        ? known
        : throw new JsonException(WireError.Read(words).Message ?? "The answer is a page.");

    /// <summary>Gives the same failure with the pause that the headers of the answer name.</summary>
    /// <param name="retryAfter">The pause; null when they name none.</param>
    public VendorFailure After(TimeSpan? retryAfter) => RetryAfter is not null || retryAfter is null ? this : new VendorFailure(Message, InnerException)
    {
        StatusCode = StatusCode,
        Code = Code,
        RetryAfter = retryAfter,
        IsTransient = IsTransient,
    };
}
