using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using Cluster.Engine.Errors;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>Anthropic's own client, with what the engine needs beyond it.</summary>
/// <param name="call">Who is called.</param>
/// <param name="http">The connections.</param>
[SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The inner client owns nothing but the connections, which are shared.")]
internal sealed class ClaudeChatClient(VendorCall call, VendorHttp http) : DelegatingChatClient(CreateInner(call, http))
{
    private const int DefaultMaxTokens = 8_192;

    /// <summary>Patience is <see cref="VendorChatClient"/>'s matter, but the library tells the vendor its timeout, so it has to be a real one.</summary>
    private static readonly TimeSpan LongerThanAnyCall = TimeSpan.FromDays(1);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = Prepare(messages);
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
    }).AsIChatClient(call.ModelId, call.Options.MaxOutputTokens ?? DefaultMaxTokens);

    /// <summary>Puts neighbouring tool results into one message, as the API wants the results of parallel calls.</summary>
    private static List<ChatMessage> Prepare(IEnumerable<ChatMessage> messages)
    {
        var prepared = new List<ChatMessage>();
        foreach (var message in messages)
        {
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
                prepared.Add(message);
            }
        }

        return prepared;
    }

    /// <summary>A tool that must be called has to be named in Anthropic's own terms; the library would let the model pick any.</summary>
    private ChatOptions? Prepare(ChatOptions? options)
    {
        if (options?.ToolMode is not RequiredChatToolMode { RequiredFunctionName: { } name })
        {
            return options;
        }

        var prepared = options.Clone();
        prepared.RawRepresentationFactory = _ => new MessageCreateParams
        {
            Model = options.ModelId ?? call.ModelId,
            MaxTokens = options.MaxOutputTokens ?? call.Options.MaxOutputTokens ?? DefaultMaxTokens,
            Messages = [],
            ToolChoice = new ToolChoiceTool(name),
        };
        return prepared;
    }

    private static bool IsRefused(string mediaType) =>
        !(mediaType.StartsWith("image/", StringComparison.Ordinal) || mediaType.StartsWith("text/", StringComparison.Ordinal) || mediaType == "application/pdf");

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
