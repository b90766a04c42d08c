using Anthropic.Models.Messages;
using Cluster.Engine.Errors;
using Cluster.Providers.Models.Wire;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>Prepares requests for Anthropic's library where it would lose something.</summary>
internal static class ClaudeRequest
{
    /// <summary>Begins what Anthropic hides of its thoughts. Others can be without a text, too: those that are signed and not shown.</summary>
    public const string Redacted = "redacted:";

    private const int DefaultMaxTokens = 8_192;

    /// <summary>Gives the bound of an answer, which the API demands.</summary>
    public static int MaxTokens(VendorCall call) => call.Options.MaxOutputTokens ?? DefaultMaxTokens;

    /// <summary>
    /// Puts neighbouring tool results into one message, as the API wants the results of parallel calls, and leaves out thoughts without a signature, which it refuses.
    /// </summary>
    public static List<ChatMessage> Prepare(IEnumerable<ChatMessage> messages)
    {
        var prepared = new List<ChatMessage>();
        var ids = new CallIds(CallIdRule.Plain64);
        foreach (var given in messages)
        {
            var message = WithIds(given, ids);
            if (message.Contents.OfType<DataContent>().Select(data => data.MediaType).FirstOrDefault(IsRefused) is { } mediaType)
            {
                throw new InvalidRequestException($"Anthropic takes no attached {mediaType}. It takes images, PDF and text.");
            }

            if (message.Role == ChatRole.Tool && prepared is [.., { } last] && last.Role == ChatRole.Tool)
            {
                prepared[^1] = new ChatMessage(ChatRole.Tool, [.. last.Contents, .. message.Contents]);
            }
            else
            {
                prepared.Add(WithThoughts(message));
            }
        }

        if (prepared is [.., { } end] && end.Role == ChatRole.Assistant && !end.Contents.OfType<FunctionCallContent>().Any())
        {
            // The API would go on with these words instead of answering.
            prepared.Add(new ChatMessage(ChatRole.User, OpenAIMessages.GoOn));
        }

        return prepared;
    }

    /// <summary>A tool that must be called has to be named in Anthropic's own terms; the library would let the model pick any.</summary>
    public static ChatOptions? Prepare(ChatOptions? options, VendorCall call)
    {
        if (options?.ToolMode is not RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            return options;
        }

        var prepared = options.Clone();
        prepared.RawRepresentationFactory = _ => new MessageCreateParams
        {
            Model = options.ModelId ?? call.ModelId,
            MaxTokens = options.MaxOutputTokens ?? MaxTokens(call),
            Messages = [],
            ToolChoice = new ToolChoiceTool(name),
        };
        return prepared;
    }

    /// <summary>Ids that another vendor gave may be none that Anthropic takes.</summary>
    private static ChatMessage WithIds(ChatMessage message, CallIds ids)
    {
        if (!message.Contents.Any(content => content is FunctionCallContent or FunctionResultContent))
        {
            return message;
        }

        var prepared = message.Clone();
        prepared.Contents = [.. message.Contents.Select(content => content switch
        {
            FunctionCallContent call when ids.Of(call.CallId) is var id && id != call.CallId => new FunctionCallContent(id, call.Name, call.Arguments) { Exception = call.Exception, AdditionalProperties = call.AdditionalProperties },
            FunctionResultContent result when ids.Of(result.CallId) is var id && id != result.CallId => new FunctionResultContent(id, result.Result) { Exception = result.Exception },
            _ => content,
        })];
        return prepared;
    }

    private static ChatMessage WithThoughts(ChatMessage message)
    {
        if (!message.Contents.OfType<TextReasoningContent>().Any())
        {
            return message;
        }

        var prepared = message.Clone();
        prepared.Contents = [.. message.Contents.Where(content => !IsUnsignedThought(content)).Select(WithHiddenThought)];
        return prepared;
    }

    /// <summary>The library would send what is hidden back as an empty text with a signature.</summary>
    private static AIContent WithHiddenThought(AIContent content) =>
        content is TextReasoningContent { Text: "", ProtectedData: { } hidden } && hidden.StartsWith(Redacted, StringComparison.Ordinal)
            ? new AIContent { RawRepresentation = new ContentBlockParam(new RedactedThinkingBlockParam(hidden[Redacted.Length..])) }
            : content;

    private static bool IsUnsignedThought(AIContent content) => content is TextReasoningContent { ProtectedData: var signature } && (string.IsNullOrEmpty(signature) || WireBlocks.IsMarked(signature));

    private static bool IsRefused(string mediaType) =>
        !(mediaType.StartsWith("image/", StringComparison.Ordinal) || mediaType.StartsWith("text/", StringComparison.Ordinal) || mediaType == "application/pdf");
}
