using static Cluster.Providers.Tests.Models.Wire.WireVariant;

namespace Cluster.Providers.Tests.Models.Wire;

/// <summary>How servers say that something went wrong in an answer that began as a success.</summary>
public static class FailureVariants
{
    private const string Ended = "failed Error - OpenAI ended the answer with '{0}'.";
    private const string Withheld = "failed Error - OpenAI refused to answer, or its content filter withheld the answer.";

    public static IEnumerable<WireVariant> All => [.. Reasons, .. Bodies, .. InStream];

    private static IEnumerable<WireVariant> Reasons =>
    [
        .. new[] { "malformed_function_call", "MALFORMED_FUNCTION_CALL", "error", "network_error", "insufficient_system_resource", "abort", "UNEXPECTED_TOOL_CALL", "other", "OTHER" }
            .Select(reason => Deltas($"ends: {reason} with nothing", reason, Ended.Replace("{0}", reason.ToLowerInvariant(), StringComparison.Ordinal), "{\"content\":\"\"}")),
        .. new[] { "content_filter", "SAFETY", "RECITATION", "PROHIBITED_CONTENT", "sensitive", "content-filter" }
            .Select(reason => Deltas($"ends: {reason} with nothing", reason, Withheld, "{\"content\":\"\"}")),
        Deltas("ends: an error after some words", "error", "text He | " + Ended.Replace("{0}", "error", StringComparison.Ordinal), "{\"content\":\"He\"}"),
        Deltas("ends: other after some words", "other", "text He | finish other", "{\"content\":\"He\"}"),
        Deltas("ends: the window with nothing", "model_context_window_exceeded", "failed ContextLength - OpenAI ended the answer with 'model_context_window_exceeded'.", "{\"content\":\"\"}"),
        Data("ends: a router's stop over a malformed call", Ended.Replace("{0}", "malformed_function_call", StringComparison.Ordinal), "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\",\"native_finish_reason\":\"MALFORMED_FUNCTION_CALL\"}]}"),
    ];

    private static IEnumerable<WireVariant> Bodies =>
    [
        new("bodies: an error object", "{\"error\":{\"message\":\"Rate limit exceeded\",\"code\":429}}", "failed RateLimit 429 Rate limit exceeded"),
        new("bodies: the code as text", "{\"error\":{\"message\":\"slow down\",\"code\":\"429\"}}", "failed RateLimit 429 slow down"),
        new("bodies: the code as a word", "{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}", "failed RateLimit 429 slow down"),
        new("bodies: words only", "{\"error\":\"Rate limit exceeded\"}", "failed RateLimit 429 Rate limit exceeded"),
        new("bodies: the status beside the error", "{\"error\":{\"message\":\"busy\"},\"status\":503}", "failed Error 503 busy"),
        new("bodies: object error", "{\"object\":\"error\",\"message\":\"no model\",\"type\":\"NotFoundError\",\"code\":404}", "failed Refused 404 no model"),
        new("bodies: detail", "{\"detail\":\"Not authenticated\"}", "failed Error - Not authenticated"),
        new("bodies: details of a validation", "{\"detail\":[{\"loc\":[\"body\",\"messages\"],\"msg\":\"field required\"}]}", "failed Error - field required"),
        new("bodies: Google's list", "[{\"error\":{\"code\":429,\"message\":\"Quota exceeded\",\"status\":\"RESOURCE_EXHAUSTED\"}}]", "failed RateLimit 429 Quota exceeded"),
        new("bodies: code and message", "{\"code\":\"Throttling.RateQuota\",\"message\":\"Requests rate limit exceeded\",\"request_id\":\"r\"}", "failed RateLimit 429 Requests rate limit exceeded"),
        new("bodies: MiniMax", "{\"base_resp\":{\"status_code\":1002,\"status_msg\":\"rate limit\"},\"choices\":null}", "failed RateLimit 429 rate limit"),
        new("bodies: Anthropic's through a proxy", "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}", "failed RateLimit 529 Overloaded"),
        new("bodies: what a router was told", "{\"error\":{\"message\":\"Provider returned error\",\"code\":400,\"metadata\":{\"raw\":\"{\\\"error\\\":{\\\"message\\\":\\\"bad schema\\\"}}\",\"provider_name\":\"X\"}}}", "failed Refused 400 bad schema"),
        new("bodies: errors", "{\"errors\":[{\"message\":\"no such model\",\"code\":404}]}", "failed Refused 404 no such model"),
        new("bodies: a key that is wrong", "{\"error\":{\"message\":\"bad key\",\"type\":\"authentication_error\"}}", "failed Refused 401 bad key"),
        new("bodies: too long", "{\"error\":{\"message\":\"too big\",\"code\":\"context_length_exceeded\"}}", "failed ContextLength 400 too big"),
        new("bodies: no code at all", "{\"error\":{\"message\":\"boom\"}}", "failed Error - boom"),
        new("bodies: a page", "<html>\n<body>502</body>\n</html>\n", "failed Error - OpenAI sent something that is no answer."),
        new("bodies: plain words", "upstream connect error: too many requests", "failed RateLimit 429 upstream connect error: too many requests"),
    ];

    private static IEnumerable<WireVariant> InStream =>
    [
        new("stream: an error at once", Frame("{\"error\":{\"message\":\"busy\",\"code\":503}}"), "failed Error 503 busy"),
        new("stream: an error in the middle", Frames("{\"content\":\"He\"}") + Frame("{\"error\":{\"message\":\"busy\",\"code\":503}}") + "data: [DONE]\n\n", "text He | failed Error 503 busy"),
        new("stream: an error beside choices", Frame("{\"error\":{\"code\":502,\"message\":\"gone\"},\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}"), "failed Error 502 gone"),
        new("stream: an error in the choice", Frame("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"error\":{\"code\":502,\"message\":\"gone\"},\"finish_reason\":\"error\"}]}"), "failed Error 502 gone"),
        new("stream: vLLM's", Frame("{\"object\":\"error\",\"message\":\"died\",\"type\":\"InternalServerError\",\"param\":null,\"code\":500}") + "data: [DONE]\n\n", "failed Error 500 died"),
        new("stream: an event named error", "event: error\ndata: {\"message\":\"gone\",\"code\":502}\n\n", "failed Error 502 gone"),
        new("stream: an event named error, in words", "event: error\ndata: overloaded\n\n", "failed RateLimit 529 overloaded"),
        new("stream: words", Frame("{\"error\":\"gone\"}"), "failed Error - gone"),
        new("stream: a body behind frames", Frames("{\"content\":\"He\"}") + "{\"error\":{\"message\":\"busy\",\"code\":503}}", "text He | failed Error 503 busy"),
    ];
}
