using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Cluster.Benchmarks;

/// <summary>The model of both frameworks: it answers at once, in four pieces, after one tool call when it is to make one.</summary>
/// <param name="callsTool">True to call the tool before the answer.</param>
internal sealed class ComparedChatClient(bool callsTool) : IChatClient
{
    public const string Tool = "get_weather";
    public const string Answer = "It is sunny, as always.";

    private static readonly string[] Pieces = ["It is ", "sunny, ", "as ", "always."];

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, HasToCall(messages) ? [NewCall()] : [new TextContent(Answer)])) { Usage = NewUsage() });

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        if (HasToCall(messages))
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [NewCall()]);
        }
        else
        {
            foreach (var piece in Pieces)
            {
                yield return new ChatResponseUpdate(ChatRole.Assistant, piece);
            }
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(NewUsage())]);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private bool HasToCall(IEnumerable<ChatMessage> messages) => callsTool && !messages.Any(message => message.Role == ChatRole.Tool);

    private static FunctionCallContent NewCall() => new("call_1", Tool, new Dictionary<string, object?> { ["city"] = "Lisbon" });

    private static UsageDetails NewUsage() => new() { InputTokenCount = 10, OutputTokenCount = 5, TotalTokenCount = 15 };
}
