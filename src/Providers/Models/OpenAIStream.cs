using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>Reads the stream of a chat completion.</summary>
internal sealed class OpenAIStream
{
    private const string EndOfStream = "[DONE]";

    private readonly OpenAIToolCalls _calls = new();
    private string? _id;
    private string? _model;
    private ChatFinishReason? _finishReason;
    private UsageDetails? _usage;

    private OpenAIStream()
    {
    }

    /// <summary>Reads a stream: texts and thoughts at once, tool calls and usage together at the end with the reason to finish.</summary>
    /// <param name="stream">The response.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The updates. Without one that has a finish reason the stream was cut off.</returns>
    /// <exception cref="VendorFailure">The stream holds an error.</exception>
    public static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answer = new OpenAIStream();
        var ended = false;
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            ended = item.Data == EndOfStream;
            if (ended)
            {
                break;
            }

            if (item.Data.Length > 0 && answer.Hear(item.Data) is { Count: > 0 } contents)
            {
                yield return answer.NewUpdate(contents);
            }
        }

        if (ended || answer._finishReason is not null)
        {
            yield return answer.Finish();
        }
    }

    private List<AIContent> Hear(string data)
    {
        var chunk = JsonElement.Parse(data);
        if (Member(chunk, "error").ValueKind is JsonValueKind.Object or JsonValueKind.String || Text(chunk, "object") == "error")
        {
            throw VendorFailure.FromStream(data);
        }

        _id ??= Text(chunk, "id");
        _model ??= Text(chunk, "model");
        if (Member(chunk, "usage") is { ValueKind: JsonValueKind.Object } usage)
        {
            // Some vendors send a running total with every chunk: the last one counts.
            _usage = ReadUsage(usage);
        }

        var contents = new List<AIContent>();
        if (Member(chunk, "choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() > 0)
        {
            HearChoice(choices[0], contents);
        }

        return contents;
    }

    private void HearChoice(JsonElement choice, List<AIContent> contents)
    {
        _finishReason = ToFinishReason(Text(choice, "finish_reason")) ?? _finishReason;
        var delta = Member(choice, "delta");
        if ((Text(delta, "reasoning_content") ?? Text(delta, "reasoning")) is { } thought)
        {
            contents.Add(new TextReasoningContent(thought));
        }

        AddContent(Member(delta, "content"), contents);
        if (Text(delta, "refusal") is { } refusal)
        {
            contents.Add(new TextContent(refusal));
        }

        if (Member(delta, "tool_calls") is { ValueKind: JsonValueKind.Array } calls)
        {
            foreach (var call in calls.EnumerateArray())
            {
                _calls.Hear(call);
            }
        }
    }

    /// <summary>Content is a text, or with Mistral's reasoning models a list of parts.</summary>
    private static void AddContent(JsonElement content, List<AIContent> contents)
    {
        if (content.ValueKind == JsonValueKind.String && content.GetString() is { Length: > 0 } text)
        {
            contents.Add(new TextContent(text));
        }
        else if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in content.EnumerateArray())
            {
                AddContent(Member(part, "text"), contents);
                if (Member(part, "thinking") is { ValueKind: JsonValueKind.Array } thoughts)
                {
                    contents.AddRange(thoughts.EnumerateArray().Select(thought => new TextReasoningContent(Text(thought, "text"))));
                }
            }
        }
    }

    private ChatResponseUpdate Finish()
    {
        List<AIContent> contents = [.. _calls.Complete()];
        if (_usage is not null)
        {
            contents.Add(new UsageContent(_usage));
        }

        var update = NewUpdate(contents);
        update.FinishReason = _finishReason ?? ChatFinishReason.Stop;
        return update;
    }

    private ChatResponseUpdate NewUpdate(List<AIContent> contents) =>
        new(ChatRole.Assistant, contents) { ResponseId = _id, MessageId = _id, ModelId = _model };

    private static ChatFinishReason? ToFinishReason(string? reason) => reason switch
    {
        null => null,
        "function_call" => ChatFinishReason.ToolCalls,
        _ => new ChatFinishReason(reason),
    };

    private static UsageDetails ReadUsage(JsonElement usage) => new()
    {
        InputTokenCount = Count(usage, "prompt_tokens"),
        OutputTokenCount = Count(usage, "completion_tokens"),
        TotalTokenCount = Count(usage, "total_tokens"),
        CachedInputTokenCount = Count(Member(usage, "prompt_tokens_details"), "cached_tokens") ?? Count(usage, "prompt_cache_hit_tokens"),
        ReasoningTokenCount = Count(Member(usage, "completion_tokens_details"), "reasoning_tokens"),
    };

    internal static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;

    internal static string? Text(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value ? value : null;

    private static long? Count(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.Number } number ? number.TryGetInt64(out var count) ? count : Nearest(number) : null;

    /// <summary>A count that is no whole number, or too large for one, is bounded where counts are taken in.</summary>
    private static long? Nearest(JsonElement number) => number.TryGetDouble(out var size) ? (long)Math.Clamp(size, long.MinValue, (double)long.MaxValue) : null;
}
