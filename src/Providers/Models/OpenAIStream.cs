using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Providers.Models.Wire;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>Reads the answer of a chat completion: a stream, or all at once from servers that do not stream.</summary>
internal sealed class OpenAIStream
{
    private readonly string _vendor;
    private readonly WireToolCalls _calls;
    private readonly WireBlocks _blocks = new();
    private JsonElement _message;
    private string? _id;
    private string? _model;
    private string? _words;
    private string? _nativeReason;
    private long? _choice;
    private ChatFinishReason? _finishReason;
    private UsageDetails? _usage;
    private bool _hasText;
    private bool _hasThought;

    private OpenAIStream(string vendor, IReadOnlySet<string> toolNames) => (_vendor, _calls) = (vendor, new WireToolCalls(toolNames));

    /// <summary>Reads a stream: texts and thoughts at once, tool calls and usage together at the end with the reason to finish.</summary>
    /// <param name="stream">The response.</param>
    /// <param name="vendor">The vendor's name.</param>
    /// <param name="toolNames">The tools that the model was told of.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <returns>The updates. Without one that has a finish reason the stream was cut off.</returns>
    /// <exception cref="VendorFailure">The stream holds an error.</exception>
    public static async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(
        Stream stream, string vendor, IReadOnlySet<string> toolNames, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var answer = new OpenAIStream(vendor, toolNames);
        var ended = false;
        await foreach (var frame in WireFrames.ReadAsync(stream, cancellationToken))
        {
            ended = frame == WireFrame.End;
            if (ended)
            {
                break;
            }

            if (answer.Hear(frame) is { Count: > 0 } contents)
            {
                yield return answer.NewUpdate(contents);
            }
        }

        if (answer.Finish(ended) is { } last)
        {
            yield return last;
        }
    }

    private List<AIContent> Hear(WireFrame frame)
    {
        var contents = new List<AIContent>();
        if (frame.IsError)
        {
            throw VendorFailure.FromStream(frame.Words ?? frame.Json!.Value.GetRawText());
        }

        _words ??= frame.Words;
        foreach (var chunk in frame.Json is { } json ? WireJson.Elements(json) : [])
        {
            Hear(chunk, contents);
        }

        return contents;
    }

    private void Hear(JsonElement chunk, List<AIContent> contents)
    {
        if (WireError.IsIn(chunk))
        {
            throw VendorFailure.FromStream(chunk.GetRawText());
        }

        _id ??= WireJson.Text(chunk, "id");
        _model ??= WireJson.Text(chunk, "model");
        HearUsage(WireJson.Member(chunk, "usage"));
        HearUsage(WireJson.Member(WireJson.Member(chunk, "x_groq"), "usage"));

        // Some servers leave out the list around the only choice, or the choice around its message.
        var choices = WireJson.Member(chunk, "choices");
        var isBare = choices.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null && (WireJson.Member(chunk, "delta").ValueKind == JsonValueKind.Object || WireJson.Member(chunk, "message").ValueKind == JsonValueKind.Object);
        foreach (var choice in isBare ? [chunk] : WireJson.Elements(choices))
        {
            if (WireJson.Count(choice, "index") is not { } index || index == (_choice ??= index))
            {
                HearChoice(choice, contents);
            }
        }
    }

    private void HearChoice(JsonElement choice, List<AIContent> contents)
    {
        if (WireError.IsIn(choice))
        {
            throw VendorFailure.FromStream(choice.GetRawText());
        }

        HearUsage(WireJson.Member(choice, "usage"));
        var delta = WireJson.Member(choice, "delta");
        var reason = FinishReasons.Read(WireJson.Text(choice, "finish_reason") ?? WireJson.Text(delta, "finish_reason") ?? WireJson.Text(choice, "done_reason") ?? WireJson.Text(choice, "stop_reason"));
        _finishReason = reason ?? _finishReason;
        _nativeReason = WireJson.Text(choice, "native_finish_reason") ?? _nativeReason;

        // A whole message counts for what no delta brought: some vendors send it last, others each time with all that was said so far.
        _message = WireJson.Member(choice, "message") is { ValueKind: JsonValueKind.Object } message ? message : _message;
        HearMessage(delta, contents);
        if (delta.ValueKind != JsonValueKind.Object && WireJson.Text(choice, "text") is { } text)
        {
            Add(contents, [new TextContent(text)]);
        }

        HearCalls(delta);
    }

    private void HearMessage(JsonElement message, List<AIContent> contents)
    {
        var detailed = _blocks.Hear(message);
        if ((WireThoughts.Of(message) ?? detailed) is { Length: > 0 } thought)
        {
            Add(contents, [new TextReasoningContent(thought)]);
        }

        Add(contents, WireThoughts.Content(WireJson.Member(message, "content")));
        if (WireJson.Text(message, "refusal") is { } refusal)
        {
            Add(contents, [new TextContent(refusal)]);
        }
    }

    private void HearCalls(JsonElement message)
    {
        _calls.Hear(WireJson.Member(message, "tool_calls"));
        if (WireJson.Member(message, "function_call") is { ValueKind: JsonValueKind.Object } call)
        {
            _calls.Hear(call);
        }
    }

    private void Add(List<AIContent> contents, IEnumerable<AIContent> heard)
    {
        foreach (var content in heard)
        {
            _hasText |= content is TextContent;
            _hasThought |= content is TextReasoningContent;
            contents.Add(content);
        }
    }

    private void HearUsage(JsonElement usage)
    {
        // Some vendors send a running total with every chunk, or an empty one at the end: the last that counts something counts.
        if (usage.ValueKind == JsonValueKind.Object && ReadUsage(usage) is var read && (_usage is null || read.InputTokenCount > 0 || read.OutputTokenCount > 0))
        {
            _usage = read;
        }
    }

    private ChatResponseUpdate? Finish(bool ended)
    {
        var contents = new List<AIContent>();
        if (_message.ValueKind == JsonValueKind.Object)
        {
            FinishMessage(contents);
            ended = true;
        }

        if (!ended && _finishReason is null)
        {
            return _words is null ? null : throw VendorFailure.FromWords(_words);
        }

        if (_blocks.Complete(_vendor) is { } kept)
        {
            contents.Add(kept);
        }

        contents.AddRange(_calls.Complete());
        if (_usage is not null)
        {
            contents.Add(new UsageContent(_usage));
        }

        var update = NewUpdate(contents);
        update.FinishReason = Reason();
        return update;
    }

    private void FinishMessage(List<AIContent> contents)
    {
        var whole = new List<AIContent>();
        var (hasText, hasThought) = (_hasText, _hasThought);
        HearMessage(_message, whole);
        contents.AddRange(whole.Where(content => content is TextReasoningContent ? !hasThought : !hasText));
        if (_calls.IsEmpty)
        {
            HearCalls(_message);
        }
    }

    /// <summary>Routers call every end a stop; when nothing was said, the reason of whom they asked tells more.</summary>
    private ChatFinishReason Reason()
    {
        var isEmpty = !_hasText && _calls.IsEmpty;
        var native = isEmpty ? FinishReasons.Read(_nativeReason) : null;
        return FinishReasons.IsFailure(native) ? native!.Value : _finishReason ?? ChatFinishReason.Stop;
    }

    private ChatResponseUpdate NewUpdate(List<AIContent> contents) =>
        new(ChatRole.Assistant, contents) { ResponseId = _id, MessageId = _id, ModelId = _model };

    private static UsageDetails ReadUsage(JsonElement usage) => new()
    {
        InputTokenCount = WireJson.Count(usage, "prompt_tokens") ?? WireJson.Count(usage, "input_tokens"),
        OutputTokenCount = WireJson.Count(usage, "completion_tokens") ?? WireJson.Count(usage, "output_tokens"),
        TotalTokenCount = WireJson.Count(usage, "total_tokens"),
        CachedInputTokenCount = WireJson.Count(WireJson.Member(usage, "prompt_tokens_details"), "cached_tokens") ?? WireJson.Count(usage, "prompt_cache_hit_tokens") ?? WireJson.Count(usage, "cached_tokens"),
        ReasoningTokenCount = WireJson.Count(WireJson.Member(usage, "completion_tokens_details"), "reasoning_tokens") ?? WireJson.Count(usage, "reasoning_tokens"),
    };
}
