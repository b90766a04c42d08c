using System.Runtime.CompilerServices;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;

namespace Cluster.Testing.Tests;

/// <summary>A model that answers by what it is asked, so that it says the same to every process.</summary>
internal sealed class Talk(Func<IReadOnlyList<ChatMessage>, IEnumerable<AIContent>> answer) : IChatClient
{
    /// <summary>Calls tools one turn after the other, and then says that it is done.</summary>
    public static ChatModel Of(params string[][] turns) => Of(messages =>
    {
        var turn = messages.Count(message => message.Role == ChatRole.Assistant && message.Contents.OfType<FunctionCallContent>().Any());
        return turn < turns.Length
            ? turns[turn].Select((tool, i) => new FunctionCallContent($"call_{turn}_{i}", tool, new Dictionary<string, object?>()))
            : [new TextContent("all "), new TextContent("done"), new UsageContent(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 2 })];
    });

    public static ChatModel Of(Func<IReadOnlyList<ChatMessage>, IEnumerable<AIContent>> answer) =>
        new() { Id = "talk", Name = "Talk", Provider = "Test", Client = new Talk(answer) };

    public static ChatModel Saying(string text) => Of(_ => [new TextContent(text)]);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The loop streams.");

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var content in answer([.. messages]))
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, [content]);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
