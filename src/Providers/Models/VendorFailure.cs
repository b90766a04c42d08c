using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Cluster.Engine.Models;

namespace Cluster.Providers.Models;

/// <summary>A vendor answered with an error. It never leaves this project: callers get a <see cref="Cluster.Engine.Models.ModelException"/>.</summary>
/// <param name="message">What the vendor said.</param>
/// <param name="innerException">The cause; null without one.</param>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "It is translated before it leaves the project.")]
internal sealed class VendorFailure(string message, Exception? innerException = null) : Exception(message, innerException)
{
    private const int TooManyRequests = 429;
    private const int Overloaded = 529;
    private const int LongestPlainText = 1_000;

    private static readonly string[] TooLong =
    [
        "context length", "context_length", "context window", "context limit", "context size", "maximum context", "maximum prompt length", "prompt is too long", "input is too long",
        "too many tokens", "maximum number of tokens", "max_new_tokens` must be", "exceeds the model's context", "reduce the length of the messages", "reduce your message size",
    ];

    /// <summary>Gets the HTTP status, or what stands for one inside of a stream; null when there was no answer.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Gets how long the vendor asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Gets a value indicating whether the same call may succeed later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Gets what kind of failure it is.</summary>
    public ModelErrorKind Kind => StatusCode switch
    {
        _ when IsTooLong => ModelErrorKind.ContextLength,
        TooManyRequests or Overloaded => ModelErrorKind.RateLimit,
        400 or 401 or 403 or 404 or 413 or 422 => ModelErrorKind.Refused,
        _ => ModelErrorKind.Error,
    };

    /// <summary>Vendors have no common code for it; these are the words of those that are known.</summary>
    private bool IsTooLong => StatusCode is null or 400 or 413 or 422 &&
        (Code is "context_length_exceeded" or "exceed_context_size_error" || TooLong.Any(words => Message.Contains(words, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Gets the vendor's own name of the failure; null when it gives none.</summary>
    private string? Code { get; init; }

    /// <summary>Makes the failure of an answer with a status.</summary>
    /// <param name="statusCode">The status.</param>
    /// <param name="body">The answer's body.</param>
    /// <param name="retryAfter">How long the vendor asks to wait; null when it does not say.</param>
    public static VendorFailure FromStatus(int statusCode, string body, TimeSpan? retryAfter) => new(ReadMessage(body) ?? $"HTTP {statusCode}")
    {
        StatusCode = statusCode,
        Code = ReadCode(body),
        RetryAfter = retryAfter,
        IsTransient = statusCode is TooManyRequests or >= 500,
    };

    /// <summary>Makes the failure of an error that came inside of a stream.</summary>
    /// <param name="json">The event's data.</param>
    public static VendorFailure FromStream(string json)
    {
        var statusCode = ReadStatus(json);
        return new VendorFailure(ReadMessage(json) ?? "The stream ended with an error.")
        {
            StatusCode = statusCode,
            Code = ReadCode(json),
            IsTransient = statusCode is TooManyRequests or >= 500,
        };
    }

    /// <summary>Finds the message in the shapes that vendors use: <c>error.message</c>, <c>error</c>, <c>message</c>, <c>detail</c>, or plain text.</summary>
    private static string? ReadMessage(string body)
    {
        try
        {
            var json = JsonElement.Parse(body);
            if (json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0)
            {
                json = json[0];
            }

            return Text(Member(json, "error"), "message") ?? Text(json, "error") ?? Text(json, "message") ?? Text(json, "detail") ?? body;
        }
        catch (JsonException)
        {
            var text = body.Trim();
            return text.Length == 0 || text.StartsWith('<') ? null : text[..Math.Min(text.Length, LongestPlainText)];
        }
    }

    /// <summary>Errors inside of a stream have no status line; a numeric code or the kind of the error tells as much.</summary>
    private static int? ReadStatus(string json)
    {
        try
        {
            var error = Member(JsonElement.Parse(json), "error");
            var code = Member(error, "code");
            if (code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var status))
            {
                return status;
            }

            return Text(error, "type") switch
            {
                "authentication_error" => 401,
                "permission_error" => 403,
                "invalid_request_error" => 400,
                "rate_limit_error" => TooManyRequests,
                "overloaded_error" => Overloaded,
                "api_error" or "server_error" => 500,
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? ReadCode(string body)
    {
        try
        {
            var json = JsonElement.Parse(body);
            return Text(Member(json, "error"), "code") ?? Text(Member(json, "error"), "type") ?? Text(json, "code");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value ? value : null;
}
