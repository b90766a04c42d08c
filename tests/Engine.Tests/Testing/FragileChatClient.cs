using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Testing;

/// <summary>A model whose connection breaks with an error of its own when the call is stopped, as sockets do.</summary>
internal sealed class FragileChatClient : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The loop streams.");

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var stopped = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() => stopped.SetException(new IOException("The socket was closed.")));
        yield return new ChatResponseUpdate(ChatRole.Assistant, "word");
        await stopped.Task;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
