using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Limits;

/// <summary>Tells how large events are, about as large as their JSON. Those of which runs have many are not written for it.</summary>
public static class EventSizes
{
    /// <summary>What an event has beside its texts.</summary>
    private const int Frame = 400;

    [ThreadStatic]
    private static CountedBytes? _counted;

    /// <summary>Tells how large an event is.</summary>
    /// <param name="next">The event.</param>
    /// <returns>The bytes.</returns>
    public static long Of(RunEvent next) => next switch
    {
        RunContent words => Frame + Of(words.Content) + words.ReasoningContent.Length,
        RunIntermediateContent words => Frame + Of(words.Content),
        ReasoningContentDelta thought => Frame + thought.ReasoningContent.Length,
        ToolCallStarted started => Frame + Of(started.Tool),
        ToolCallCompleted completed => Frame + completed.Content.Length + Of(completed.Tool),
        RunCompleted { MemberResponses: null, ReasoningMessages: null } completed => Frame + Of(completed),
        RunStarted or RunContinued or ModelRequestStarted or ModelRequestCompleted or RunContentCompleted => Frame,
        _ => Count(next),
    };

    /// <summary>Tells how large what was said in a run is.</summary>
    /// <param name="messages">The messages.</param>
    /// <returns>The bytes.</returns>
    internal static long Of(ImmutableArray<Message>? messages)
    {
        var size = 0L;
        foreach (var message in messages ?? [])
        {
            size += Frame + Of(message.Content) + Of(message.ReasoningContent) + Of(message.CompressedContent);
            size += Of(message.Images) + Of(message.Audio) + Of(message.Videos) + Of(message.Files);
        }

        return size;
    }

    /// <summary>Takes as many events from the start as fit into a page.</summary>
    /// <param name="events">The events.</param>
    /// <param name="bytes">The size of the page. One event that is larger passes alone.</param>
    /// <returns>The events of the page.</returns>
    public static ReadOnlyMemory<RunEvent> First(ReadOnlyMemory<RunEvent> events, long bytes)
    {
        var span = events.Span;
        var (count, size) = (0, 0L);
        while (count < span.Length)
        {
            size += Of(span[count]);
            if (size > bytes && count > 0)
            {
                break;
            }

            count++;
        }

        return events[..count];
    }

    /// <summary>Takes as many events from the end as fit into a page.</summary>
    /// <param name="events">The events.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="bytes">The size of the page. One event that is larger passes alone.</param>
    /// <returns>The events of the page.</returns>
    public static ReadOnlyMemory<RunEvent> Last(ReadOnlyMemory<RunEvent> events, int limit, long bytes)
    {
        var span = events.Span;
        var (first, size) = (span.Length, 0L);
        while (first > 0 && span.Length - first < limit)
        {
            size += Of(span[first - 1]);
            if (size > bytes && first < span.Length)
            {
                break;
            }

            first--;
        }

        return events[first..];
    }

    private static long Of(RunCompleted completed) =>
        Of(completed.Content) + Of(completed.ReasoningContent) + Of(completed.Images) + Of(completed.Videos) + Of(completed.Audio) + Of(completed.Files)
        + Of(completed.Metadata) + Of(completed.SessionState) + (completed.ReasoningSteps is { IsDefaultOrEmpty: false } ? Count(completed) : 0);

    private static long Of(ToolExecution tool) => Frame + Of(tool.Result) + Of(tool.ToolArgs);

    private static long Of(ContentValue? content) => content is null ? 0 : Of(content.Text) + Of(content.Json);

    private static long Of(JsonElement? json) => json is { ValueKind: not JsonValueKind.Undefined } element ? JsonMarshal.GetRawUtf8Value(element).Length : 0;

    private static long Of(string? text) => text?.Length ?? 0;

    private static long Of(ImmutableArray<Media>? media)
    {
        var size = 0L;
        foreach (var one in media ?? [])
        {
            size += Frame + Of(one.Content?.Text);
        }

        return size;
    }

    private static long Count(RunEvent next)
    {
        var counted = _counted ??= new CountedBytes();
        var before = counted.Count;
        using var json = new Utf8JsonWriter(counted, new JsonWriterOptions { Encoder = EngineJson.Options.Encoder, SkipValidation = true });
        JsonSerializer.Serialize(json, next, RunEventTypes.Get(next));
        json.Flush();
        return counted.Count - before;
    }
}
