using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Cluster.Chaos.Host;

/// <summary>
/// A model that calls the tool as often as the user's message says, once in each answer, and then tells that it is done. What it says depends on the
/// conversation only; the ids of its calls are new every time, as those of real models are.
/// </summary>
/// <param name="pause">The pause before each piece of text.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class StepsChatClient(TimeSpan pause, TimeProvider timeProvider) : IChatClient
{
    public const string ToolName = "step";

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = messages.ToArray();
        var wanted = int.Parse(conversation.Last(message => message.Role == ChatRole.User).Text, CultureInfo.InvariantCulture);
        var done = conversation.Reverse().TakeWhile(message => message.Role != ChatRole.User).SelectMany(message => message.Contents.OfType<FunctionResultContent>()).Count();
        foreach (var piece in (string[])(done < wanted ? ["Step ", $"{done + 1} of ", $"{wanted}. "] : ["All ", $"{wanted} ", "steps ", "are ", "done."]))
        {
            await Task.Delay(pause, timeProvider, cancellationToken);
            yield return new ChatResponseUpdate(ChatRole.Assistant, piece);
        }

        if (done < wanted)
        {
            var call = new FunctionCallContent($"call_{Guid.NewGuid():N}", ToolName, new Dictionary<string, object?> { ["number"] = done + 1 });
            yield return new ChatResponseUpdate(ChatRole.Assistant, [call]) { FinishReason = ChatFinishReason.ToolCalls };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType?.IsInstanceOfType(this) == true ? this : null;

    public void Dispose()
    {
    }
}
