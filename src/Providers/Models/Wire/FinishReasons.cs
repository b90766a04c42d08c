using System.Collections.Frozen;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models.Wire;

/// <summary>Why answers end, in the words of all vendors.</summary>
internal static class FinishReasons
{
    private static readonly FrozenDictionary<string, ChatFinishReason> Synonyms = new Dictionary<string, ChatFinishReason>
    {
        ["stop"] = ChatFinishReason.Stop,
        ["end_turn"] = ChatFinishReason.Stop,
        ["eos"] = ChatFinishReason.Stop,
        ["eos_token"] = ChatFinishReason.Stop,
        ["stop_sequence"] = ChatFinishReason.Stop,
        ["complete"] = ChatFinishReason.Stop,
        ["completed"] = ChatFinishReason.Stop,
        ["done"] = ChatFinishReason.Stop,
        ["length"] = ChatFinishReason.Length,
        ["max_tokens"] = ChatFinishReason.Length,
        ["max_output_tokens"] = ChatFinishReason.Length,
        ["model_length"] = ChatFinishReason.Length,
        ["tool_calls"] = ChatFinishReason.ToolCalls,
        ["tool_call"] = ChatFinishReason.ToolCalls,
        ["tool_use"] = ChatFinishReason.ToolCalls,
        ["function_call"] = ChatFinishReason.ToolCalls,
        ["content_filter"] = ChatFinishReason.ContentFilter,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The answer was withheld; the same question gets the same.</summary>
    private static readonly FrozenSet<string> Withheld =
    [
        "content_filter", "content_filtered", "contentfilter", "safety", "recitation", "blocklist", "prohibited_content", "spii", "sensitive", "image_safety", "image_prohibited_content", "image_recitation",
        "language", "model_armor", "refusal", "blocked", "guardrail_intervened", "guardrails", "moderation", "content_policy",
    ];

    /// <summary>Something broke while the model answered; whatever it said is not an answer.</summary>
    private static readonly FrozenSet<string> Broken =
    [
        "error", "error_finish", "failed", "failure", "network_error", "insufficient_system_resource", "abort", "aborted", "cancelled", "canceled", "timeout", "server_error", "internal_error",
        "engine_error", "malformed_function_call", "malformed_tool_call", "malformed_response", "unexpected_tool_call", "too_many_tool_calls", "missing_thought_signature", "invalid_tool_call", "no_image",
    ];

    /// <summary>Nobody knows what they mean; an answer that stands before one is an answer.</summary>
    private static readonly FrozenSet<string> Vague = ["other", "unknown", "finish_reason_unspecified", "finish_reason_other", "unspecified", "null", "none"];

    private static readonly FrozenSet<string> Busy = ["rate_limit", "rate_limit_exceeded", "rate_limited", "overloaded", "too_many_requests", "quota_exceeded"];

    private static readonly FrozenSet<string> TooLong = ["model_context_window_exceeded", "context_length_exceeded", "context_window_exceeded"];

    /// <summary>Reads a reason. Vendors write it in capitals, with blanks, or in words of their own.</summary>
    /// <param name="said">What the vendor wrote; null for nothing.</param>
    /// <returns>The reason in the common words as far as there is one; null when the answer goes on.</returns>
    public static ChatFinishReason? Read(string? said)
    {
        var word = said is null ? string.Empty : Normal(said);
        return word is "" or "null" or "none" ? null : Synonyms.TryGetValue(word, out var common) ? common : new ChatFinishReason(word);
    }

    /// <summary>Tells whether a reason is one at which an answer fails.</summary>
    public static bool IsFailure(ChatFinishReason? reason) => reason is { } given && Explain(given, hasSaid: false) is not null;

    /// <summary>Tells what went wrong.</summary>
    /// <param name="reason">Why the answer ended.</param>
    /// <param name="hasSaid">Whether there is a text or a tool call.</param>
    /// <returns>What, and its kind; null when the answer stands.</returns>
    public static (string Problem, ModelErrorKind Kind, bool IsTransient)? Explain(ChatFinishReason reason, bool hasSaid)
    {
        var word = Normal(reason.Value);
        return word switch
        {
            _ when Withheld.Contains(word) => ("refused to answer, or its content filter withheld the answer", ModelErrorKind.Error, false),
            _ when Broken.Contains(word) || (Vague.Contains(word) && !hasSaid) => ($"ended the answer with '{reason.Value}'", ModelErrorKind.Error, true),
            _ when Busy.Contains(word) => ($"ended the answer with '{reason.Value}'", ModelErrorKind.RateLimit, true),
            _ when TooLong.Contains(word) && !hasSaid => ($"ended the answer with '{reason.Value}'", ModelErrorKind.ContextLength, false),
            _ => null,
        };
    }

    private static string Normal(string reason) => reason.Trim().ToLowerInvariant().Replace('-', '_').Replace(' ', '_') switch
    {
        var word when word.StartsWith("finish_reason_", StringComparison.Ordinal) && word is not ("finish_reason_unspecified" or "finish_reason_other") => word["finish_reason_".Length..],
        var word => word,
    };
}
