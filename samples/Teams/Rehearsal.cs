using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;

namespace Cluster.Samples.Teams;

/// <summary>A leader without a mind: each time it is asked, it says or does the next thing of its script, knowing what its last calls gave.</summary>
/// <param name="turns">What it does, turn by turn; each gets the results of the calls of the turn before.</param>
internal sealed partial class Rehearsal(IReadOnlyList<Func<string, ChatMessage>> turns) : IChatClient
{
    public static ChatModel ModelOf(params IReadOnlyList<Func<string, ChatMessage>> turns) =>
        new() { Id = "rehearsed", Name = "Rehearsed", Provider = "Scripted", Client = new Rehearsal(turns) };

    public static ChatMessage Say(string text) => new(ChatRole.Assistant, text);

    public static ChatMessage Call(string tool, object arguments) => new(ChatRole.Assistant,
    [
        new FunctionCallContent(
            "call_" + Guid.NewGuid().ToString("N"),
            tool,
            JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value)),
    ]);

    /// <summary>Finds the ids of tasks in what the tools say of them.</summary>
    public static string[] TaskIds(string text) => [.. TaskId().Matches(text).Select(match => match.Value)];

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        var said = messages.ToArray();
        var turn = said.Count(message => message.Role == ChatRole.Assistant);
        var results = said.Reverse().TakeWhile(message => message.Role == ChatRole.Tool).Reverse()
            .SelectMany(message => message.Contents.OfType<FunctionResultContent>()).Select(result => result.Result?.ToString());
        yield return new ChatResponseUpdate(ChatRole.Assistant, turns[Math.Min(turn, turns.Count - 1)](string.Join('\n', results)).Contents);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    [GeneratedRegex(@"(?<=Created task |\] )[0-9a-z]{8}(?= '|:)")]
    private static partial Regex TaskId();
}
