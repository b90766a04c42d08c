using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Cluster.Providers.Models;

/// <summary>Anthropic's own client, with what the engine needs beyond it.</summary>
/// <param name="call">Who is called.</param>
/// <param name="http">The connections.</param>
/// <param name="logger">Where is noted what is left out.</param>
[SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The inner client owns nothing but the connections, which are shared.")]
internal sealed partial class ClaudeChatClient(VendorCall call, VendorHttp http, ILogger logger) : DelegatingChatClient(CreateInner(call, http))
{
    /// <summary>Patience is <see cref="VendorChatClient"/>'s matter, but the library tells the vendor its timeout, so it has to be a real one.</summary>
    private static readonly TimeSpan LongerThanAnyCall = TimeSpan.FromDays(1);

    private bool _hasToldWhatIsLeftOut;

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = ClaudeRequest.Prepare(messages);
        var arguments = new StringBuilder();
        UsageDetails? asked = null;
        await foreach (var update in InnerClient.GetStreamingResponseAsync(conversation, Prepare(options), cancellationToken))
        {
            switch ((update.RawRepresentation as RawMessageStreamEvent)?.Value)
            {
                case RawMessageStartEvent start:
                    asked = ReadUsage(start);
                    break;
                case RawContentBlockDeltaEvent { Delta.Value: InputJsonDelta piece }:
                    arguments.Append(piece.PartialJson);
                    break;
            }

            foreach (var content in update.Contents)
            {
                Complete(content, arguments, asked);
            }

            yield return update;
        }
    }

    /// <summary>Disposes nothing: the library would dispose the connections, which are shared.</summary>
    [SuppressMessage("Usage", "CA2215:Dispose methods should call base class dispose", Justification = "That is what this is for.")]
    protected override void Dispose(bool disposing)
    {
    }

    /// <summary>Key and address are always given: what is not given the library takes from the environment.</summary>
    private static IChatClient CreateInner(VendorCall call, VendorHttp http) => new AnthropicClient(new ClientOptions
    {
        ApiKey = call.ApiKey,
        BaseUrl = call.BaseUrl.ToString().TrimEnd('/'),
        HttpClient = http.Client,
        MaxRetries = 0,
        Timeout = LongerThanAnyCall,
    }).AsIChatClient(call.ModelId, ClaudeRequest.MaxTokens(call));

    private ChatOptions? Prepare(ChatOptions? options)
    {
        if (options is { Temperature: not null } or { TopP: not null } or { TopK: not null } && !_hasToldWhatIsLeftOut)
        {
            _hasToldWhatIsLeftOut = true;
            LogSamplingLeftOut(call.ModelId);
        }

        return ClaudeRequest.Prepare(options, call);
    }

    private static void Complete(AIContent content, StringBuilder arguments, UsageDetails? asked)
    {
        switch (content)
        {
            case FunctionCallContent toolCall:
                if (toolCall.Exception is not null)
                {
                    (toolCall.AdditionalProperties ??= [])[ToolArguments.RawProperty] = arguments.ToString();
                }

                arguments.Clear();
                break;
            case TextReasoningContent { RawRepresentation: RedactedThinkingBlock, ProtectedData: { } hidden } thought:
                thought.ProtectedData = ClaudeRequest.Redacted + hidden;
                break;
            case UsageContent { Details: { } usage } when usage.InputTokenCount is null && asked is not null:
                // The count at the end may leave out the prompt, which the count at the start has.
                usage.InputTokenCount = asked.InputTokenCount;
                usage.CachedInputTokenCount = asked.CachedInputTokenCount;
                usage.TotalTokenCount = asked.InputTokenCount + (usage.OutputTokenCount ?? 0);
                break;
        }
    }

    private static UsageDetails ReadUsage(RawMessageStartEvent start)
    {
        var usage = start.Message.Usage;
        return new UsageDetails
        {
            InputTokenCount = usage.InputTokens + (usage.CacheReadInputTokens ?? 0) + (usage.CacheCreationInputTokens ?? 0),
            CachedInputTokenCount = usage.CacheReadInputTokens,
        };
    }
}
