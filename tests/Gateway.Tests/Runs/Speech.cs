using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cluster.Api.Tests;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;

namespace Cluster.Gateway.Tests.Runs;

/// <summary>A model that says what tests let it say, to each input something of its own.</summary>
internal sealed class Speech : IChatClient
{
    private readonly ConcurrentDictionary<string, SpokenModel> _answers = new(StringComparer.Ordinal);

    public Agent Agent => new() { Id = "speaker", Name = "Speaker", Model = new ChatModel { Id = "speech-1", Name = "Speech", Provider = "Speech", Client = this } };

    /// <summary>Gives the answer to an input.</summary>
    public SpokenModel To(string input) => _answers.GetOrAdd(input, static _ => new SpokenModel());

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in To(messages.Last().Text).GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
