using System.Globalization;
using System.Text.Json;
using static Cluster.Providers.Models.Wire.WireJson;

namespace Cluster.Providers.Models.Wire;

/// <summary>What a vendor says of an error, in whatever shape: in the body of a refusal, in one that pretends to be an answer, or within a stream.</summary>
/// <param name="Message">The vendor's words; null when it has none.</param>
/// <param name="Status">The HTTP status, or what stands for one; null when nothing does.</param>
/// <param name="Code">The vendor's own name of the failure; null when it gives none.</param>
/// <param name="RetryAfter">How long the vendor asks to wait; null when it does not say.</param>
internal sealed record WireError(string? Message, int? Status, string? Code, TimeSpan? RetryAfter)
{
    private const int LongestPlainText = 1_000;
    private const int TooManyRequests = 429;
    private const int Overloaded = 529;

    private static readonly string[] Messages = ["message", "detail", "msg", "error_msg", "errorMessage", "error_message", "status_msg", "description", "reason", "title", "raw"];
    private static readonly string[] Answers = ["choices", "usage", "delta"];
    private static readonly string[] StatusNames = ["code", "type", "status", "error_code"];
    private static readonly string[] Pauses = ["retry_after", "retryAfter", "retry_after_seconds"];
    private static readonly string[] Codes = ["code", "status_code", "statusCode", "http_status", "error_code", "status", "http_code"];

    /// <summary>Tells whether a message of a stream is an error.</summary>
    public static bool IsIn(JsonElement frame)
    {
        if (frame.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (IsSaid(Member(frame, "error")) || Text(frame, "object") == "error" || Text(frame, "type") == "error" || Elements(Member(frame, "errors")).Any())
        {
            return true;
        }

        if (Count(Member(frame, "base_resp"), "status_code") is { } status and not 0)
        {
            return status > 0;
        }

        return !HasAnswer(frame) && IsComplaint(frame);
    }

    private static bool HasAnswer(JsonElement frame) =>
        Answers.Any(name => frame.TryGetProperty(name, out _)) || Member(frame, "message").ValueKind == JsonValueKind.Object;

    /// <summary>Some vendors send an error without calling it one.</summary>
    private static bool IsComplaint(JsonElement frame) =>
        frame.TryGetProperty("detail", out _) || Text(frame, "error_msg") is not null || Text(frame, "errorMessage") is not null
            || (Messages.Any(name => Text(frame, name) is not null) && Codes.Any(name => frame.TryGetProperty(name, out _)))
            || (Text(frame, "message") is not null && Text(frame, "object") is null);

    /// <summary>Reads an error.</summary>
    /// <param name="body">JSON in any of the shapes that vendors use, or plain text.</param>
    public static WireError Read(string body)
    {
        if (TryParse(body) is { } json)
        {
            return Read(json) is { Message: null } silent && json.ValueKind is not JsonValueKind.Null ? silent with { Message = Short(body) } : Read(json);
        }

        var text = body.Trim();
        return text.Length == 0 || text.StartsWith('<') ? new WireError(null, null, null, null) : new WireError(Short(text), StatusOfWords(Short(text)), null, null);
    }

    /// <summary>Reads an error.</summary>
    /// <param name="json">JSON in any of the shapes that vendors use.</param>
    public static WireError Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            return json.GetArrayLength() > 0 ? Read(json[0]) : new WireError(null, null, null, null);
        }

        var error = Member(json, "error") is { ValueKind: JsonValueKind.Object or JsonValueKind.Array } inner ? Elements(inner).FirstOrDefault()
            : Elements(Member(json, "errors")).FirstOrDefault() is { ValueKind: JsonValueKind.Object } first ? first
            : Member(json, "base_resp") is { ValueKind: JsonValueKind.Object } answer ? answer : json;
        var message = MessageOf(error) ?? Text(json, "error") ?? MessageOf(json);
        var code = CodeOf(error) ?? CodeOf(json);
        return new WireError(message, StatusOf(error) ?? StatusOf(json) ?? StatusOfWords(message), code, PauseOf(error) ?? PauseOf(json));
    }

    private static bool IsSaid(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.Object => error.EnumerateObject().Any(member => member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) && member.Value.ToString().Length > 0),
        JsonValueKind.String => Text(error) is not null,
        JsonValueKind.Array => error.GetArrayLength() > 0,
        JsonValueKind.True => true,
        _ => false,
    };

    private static string? MessageOf(JsonElement error)
    {
        var message = Messages.Select(name => Said(Member(error, name))).FirstOrDefault(text => text is not null);

        // Routers keep the words of whom they asked beside their own.
        return Text(Member(error, "metadata"), "raw") is { } raw && (message is null or "Provider returned error" or "ERROR")
            ? Read(raw).Message ?? message
            : message ?? Text(Member(error, "error"), "message");
    }

    private static string? Said(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Text(value),
        JsonValueKind.Object => MessageOf(value),
        JsonValueKind.Array => string.Join("; ", value.EnumerateArray().Select(one => Text(one, "msg") ?? Said(one)).OfType<string>()) is { Length: > 0 } all ? all : null,
        _ => null,
    };

    private static string? CodeOf(JsonElement error) => Text(error, "code") is { } code && !int.TryParse(code, CultureInfo.InvariantCulture, out _) ? code : Text(error, "type") ?? Text(error, "status");

    private static int? StatusOf(JsonElement error) =>
        Codes.Select(name => Count(error, name)).FirstOrDefault(status => status is >= 400 and < 600) is { } number ? (int)number
        : Count(error, "status_code") is { } own && Member(error, "status_msg").ValueKind == JsonValueKind.String ? StatusOfOwn(own)
        : StatusNames.Select(name => StatusOfName(Text(error, name))).FirstOrDefault(status => status is not null);

    /// <summary>MiniMax has numbers of its own.</summary>
    private static int? StatusOfOwn(long number) => number switch
    {
        1002 or 1041 or 2045 => TooManyRequests,
        1004 or 2049 => 401,
        1008 => 402,
        1000 or 1013 or 1024 => 500,
        1001 => 504,
        1026 or 1027 or 1042 or 2013 or 20132 => 400,
        _ => null,
    };

    private static int? StatusOfName(string? name) => name?.ToLowerInvariant().Replace('.', '_').Replace(' ', '_') switch
    {
        null => null,
        "authentication_error" or "invalid_api_key" or "unauthenticated" or "unauthorized" or "invalidapikey" or "invalid_authentication_error" => 401,
        "permission_error" or "permission_denied" or "forbidden" or "access_denied" or "accessdenied" => 403,
        "not_found" or "not_found_error" or "model_not_found" or "notfounderror" => 404,
        "invalid_request_error" or "invalid_argument" or "badrequesterror" or "bad_request" or "invalid_request" or "invalidparameter" or "failed_precondition" or "validation_error"
            or "context_length_exceeded" or "string_above_max_length" or "invalid_function_call" or "exceed_context_size_error" or "invalid_prompt" => 400,
        "rate_limit_error" or "rate_limit_exceeded" or "rate_limit_reached_error" or "rate_limited" or "ratelimiterror" or "too_many_requests" or "toomanyrequests" or "resource_exhausted" or "insufficient_quota"
            or "tokens" or "requests" or "exceeded_current_quota_error" or "quota_exceeded" => TooManyRequests,
        "overloaded_error" or "engine_overloaded_error" or "overloaded" or "engine_overloaded" or "server_overloaded" => Overloaded,
        "unavailable" or "service_unavailable" or "serviceunavailable" or "service_unavailable_error" or "serviceunavailableerror" => 503,
        "deadline_exceeded" or "timeout" or "timeout_error" or "request_timeout" => 504,
        "api_error" or "server_error" or "internal_error" or "internal" or "internal_server_error" or "internalservererror" or "upstream_error" => 500,
        var other when other.StartsWith("throttling", StringComparison.Ordinal) => TooManyRequests,
        _ => null,
    };

    /// <summary>Errors inside of a stream have no status line, and some have no code either.</summary>
    private static int? StatusOfWords(string? message)
    {
        return message is null ? null
            : Has("rate limit") || Has("rate-limit") || Has("ratelimit") || Has("too many requests") ? TooManyRequests
            : Has("overloaded") ? Overloaded
            : null;

        bool Has(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    private static TimeSpan? PauseOf(JsonElement error)
    {
        var told = Pauses.Select(name => Member(error, name))
            .Concat(Elements(Member(error, "details")).Select(detail => Member(detail, "retryDelay")))
            .Append(Member(Member(Member(error, "metadata"), "headers"), "Retry-After"))
            .FirstOrDefault(value => value.ValueKind is JsonValueKind.Number or JsonValueKind.String);
        return told.ValueKind != JsonValueKind.Undefined && double.TryParse(told.ToString().TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < int.MaxValue
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    private static string Short(string text) => text.Length <= LongestPlainText ? text : text[..LongestPlainText];
}
