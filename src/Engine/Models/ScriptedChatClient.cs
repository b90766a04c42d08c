using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Models;

/// <summary>A model without a mind: it answers as its script says and reports 10 input and 5 output tokens a call.</summary>
/// <param name="script">What to say.</param>
/// <param name="timeProvider">The clock for delays.</param>
internal sealed class ScriptedChatClient(Script script, TimeProvider timeProvider) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await PauseAsync(script.DelayBefore, cancellationToken);
        if (script.Failure is { } failure)
        {
            throw new ModelException(failure);
        }

        var turn = Turn.Read(messages as IReadOnlyList<ChatMessage> ?? [.. messages]);
        var calls = turn.HasResults ? [] : script.Calls.Where(call => IsOffered(call, options)).ToArray();
        if (calls.Length > 0)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, [.. calls.Select(call => ToContent(call, turn))]);
        }
        else
        {
            var isFirst = true;
            foreach (var delta in Cut(turn.Fill(script.Text), script.Deltas))
            {
                if (!isFirst)
                {
                    await PauseAsync(script.DelayBetween, cancellationToken);
                }

                isFirst = false;
                yield return new ChatResponseUpdate(ChatRole.Assistant, delta);
            }
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 5, TotalTokenCount = 15 })])
        {
            FinishReason = calls.Length > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static bool IsOffered(ScriptedCall call, ChatOptions? options) => options?.Tools?.Any(tool => tool.Name == call.Tool) == true;

    private static FunctionCallContent ToContent(ScriptedCall call, Turn turn)
    {
        var arguments = turn.Fill(call.Arguments.GetRawText(), JsonEncode);
        return new FunctionCallContent(
            "call_" + Guid.NewGuid().ToString("N")[..24],
            call.Tool,
            JsonSerializer.Deserialize(arguments, EngineJson.Context.DictionaryStringJsonElement)!.ToDictionary(pair => pair.Key, pair => (object?)pair.Value));
    }

    private static string JsonEncode(string text) => JsonEncodedText.Encode(text, RelaxedJsonEncoder.Instance).ToString();

    /// <summary>Cuts a text into nearly equal pieces: the first ones are longer by one where it does not divide.</summary>
    private static IEnumerable<string> Cut(string text, int pieces)
    {
        var count = Math.Min(pieces, text.Length);
        for (int i = 0, start = 0; i < count; i++)
        {
            var length = (text.Length / count) + (i < text.Length % count ? 1 : 0);
            yield return text.Substring(start, length);
            start += length;
        }
    }

    private Task PauseAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        delay > TimeSpan.Zero ? Task.Delay(delay, timeProvider, cancellationToken) : Task.CompletedTask;

    /// <summary>What was said since the last user message, that one included.</summary>
    private sealed record Turn(string Input, string Results, bool HasResults)
    {
        public static Turn Read(IReadOnlyList<ChatMessage> messages)
        {
            var user = messages.Count - 1;
            while (user >= 0 && messages[user].Role != ChatRole.User)
            {
                user--;
            }

            string? results = null;
            foreach (var result in messages.Skip(user + 1).SelectMany(message => message.Contents).OfType<FunctionResultContent>())
            {
                results = results is null ? result.Result?.ToString() ?? string.Empty : $"{results}; {result.Result}";
            }

            return new Turn(user < 0 ? string.Empty : messages[user].Text, results ?? string.Empty, results is not null);
        }

        public string Fill(string template, Func<string, string>? encode = null) => template
            .Replace("{result}", encode?.Invoke(Results) ?? Results, StringComparison.Ordinal)
            .Replace("{input}", encode?.Invoke(Input) ?? Input, StringComparison.Ordinal);
    }
}
