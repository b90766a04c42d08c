using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;

namespace Cluster.Api.Tests;

/// <summary>A model that says the next word when the test says it.</summary>
internal sealed class SpokenModel : IChatClient
{
    private readonly Channel<string> _words = Channel.CreateUnbounded<string>();

    public Agent Agent => new() { Id = "spoken", Name = "Spoken", Model = new ChatModel { Id = "spoken-1", Name = "Spoken", Provider = "Spoken", Client = this } };

    /// <summary>Gets what the model was last shown.</summary>
    public IReadOnlyList<ChatMessage> Shown { get; private set; } = [];

    public void Say(string word) => Assert.True(_words.Writer.TryWrite(word));

    public void Finish() => _words.Writer.Complete();

    /// <summary>Breaks off.</summary>
    public void Fail() => _words.Writer.Complete(new ModelException("The model is down."));

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Shown = [.. messages];
        await foreach (var word in _words.Reader.ReadAllAsync(cancellationToken))
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, word);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
