using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Testing;

/// <summary>
/// A model that says the next word when the test says so. A call is answered by the next prepared answer, else by <see cref="Otherwise"/>;
/// without either the test takes it with <see cref="NextCallAsync"/> and speaks for the model.
/// </summary>
internal sealed class ChannelChatClient : IChatClient
{
    private readonly Channel<ModelCall> _open = Channel.CreateUnbounded<ModelCall>();
    private readonly ConcurrentQueue<Action<ModelCall>> _answers = new();
    private readonly ConcurrentQueue<ModelCall> _calls = new();

    /// <summary>Gets or sets what answers calls for which nothing was prepared; null to leave them to the test.</summary>
    public Action<ModelCall>? Otherwise { get; set; }

    public IReadOnlyList<ModelCall> Calls => [.. _calls];

    /// <summary>Prepares the answer to the next call that has none yet.</summary>
    public ChannelChatClient Answer(Action<ModelCall> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public ChannelChatClient Answer(params string[] words) => Answer(call => call.Say(words).Cost(10, 5).End());

    public ChannelChatClient AnswerWithCall(string tool, object? arguments = null, string? id = null) =>
        Answer(call => call.Use(tool, arguments, id).Cost(10, 5).End());

    public async Task<ModelCall> NextCallAsync() => await _open.Reader.ReadAsync(Patience.Token);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The loop streams.");

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = new ModelCall([.. messages], options ?? new ChatOptions());
        await using var registration = cancellationToken.Register(call.Stop);
        _calls.Enqueue(call);
        if (_answers.TryDequeue(out var answer) || (answer = Otherwise) is not null)
        {
            answer(call);
        }
        else
        {
            await _open.Writer.WriteAsync(call, cancellationToken);
        }

        await foreach (var update in call.Updates.ReadAllAsync(cancellationToken))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
