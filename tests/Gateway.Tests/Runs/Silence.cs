using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Api.Tests;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Tools;
using Microsoft.Extensions.AI;

namespace Cluster.Gateway.Tests.Runs;

/// <summary>A model and two tools that never answer. Tests hear when they are asked and when they are left alone.</summary>
internal sealed class Silence : IChatClient
{
    private readonly ConcurrentDictionary<string, Unanswered> _questions = new(StringComparer.Ordinal);

    /// <summary>Gets an agent whose model never answers, one whose tool listens to its token, and one whose tool does not.</summary>
    public IEnumerable<Agent> Agents =>
    [
        new() { Id = "silent", Model = new ChatModel { Id = "silence-1", Name = "Silence", Provider = "Silence", Client = this } },
        Calling("listener", ListenAsync),
        Calling("deaf", IgnoreAsync),
    ];

    /// <summary>Gives the question with an input.</summary>
    public Unanswered To(string input) => _questions.GetOrAdd(input, static _ => new Unanswered());

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, await ListenAsync(messages.Last().Text, cancellationToken));
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private async Task<string> ListenAsync(string input, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.Register(() => To(input).Left.TrySetResult());
        To(input).Asked.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return "never";
    }

    private async Task<string> IgnoreAsync(string input, CancellationToken cancellationToken)
    {
        To(input).Asked.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
        return "never";
    }

    private static Agent Calling(string id, Func<string, CancellationToken, Task<string>> work)
    {
        var tool = Tool.Create(work, new ToolOptions { Name = "work" });
        var script = new Script { Text = "Done: {result}", Calls = [new ScriptedCall("work", JsonElement.Parse("""{"input":"{input}"}"""))] };
        return TestApi.Scripted(id, id, script) with { Tools = [tool] };
    }
}

/// <summary>A question that nobody answers.</summary>
internal sealed class Unanswered
{
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
