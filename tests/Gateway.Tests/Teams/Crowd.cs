using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;

namespace Cluster.Gateway.Tests.Teams;

/// <summary>A model that many members ask at once and that never answers. It counts who asks and who is told to go.</summary>
/// <param name="size">How many ask.</param>
internal sealed class Crowd(int size) : IChatClient
{
    private readonly ConcurrentDictionary<string, (CountdownEvent Asked, CountdownEvent Left)> _tasks = new(StringComparer.Ordinal);

    public ChatModel Model => new() { Id = "crowd-1", Name = "Crowd", Provider = "Crowd", Client = this };

    /// <summary>Waits until all have asked.</summary>
    public Task AllAskedAsync(string task, CancellationToken cancellationToken) => Task.Run(() => Of(task).Asked.Wait(cancellationToken), cancellationToken);

    /// <summary>Gets how many still wait for an answer.</summary>
    public int Waiting(string task) => Of(task).Left.CurrentCount - Of(task).Asked.CurrentCount;

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (asked, left) = Of(messages.Last(message => message.Role == ChatRole.User).Text);
        await using var registration = cancellationToken.Register(() => left.Signal());
        asked.Signal();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        yield break;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
        foreach (var (asked, left) in _tasks.Values)
        {
            asked.Dispose();
            left.Dispose();
        }
    }

    private (CountdownEvent Asked, CountdownEvent Left) Of(string task) =>
        _tasks.GetOrAdd(task, static (_, size) => (new CountdownEvent(size), new CountdownEvent(size)), size);
}
