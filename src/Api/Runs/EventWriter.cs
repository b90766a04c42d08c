using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Writes server-sent events into the body of an answer, without a copy in between.</summary>
/// <param name="output">The body.</param>
internal sealed class EventWriter(PipeWriter output) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(output, new JsonWriterOptions { Encoder = EngineJson.Options.Encoder, SkipValidation = true });

    /// <summary>Gets how many bytes wait for <see cref="FlushAsync"/>.</summary>
    public long Unflushed => output.UnflushedBytes;

    /// <summary>Writes an event. Its index goes into a line of its own, so that browsers resume from it, and into the JSON only where clients expect it.</summary>
    public void Write(RunEvent next, bool withIndex)
    {
        output.Write("event: "u8);
        Encoding.UTF8.GetBytes(next.Event, output);
        output.Write("\ndata: "u8);
        _json.Reset(output);
        JsonSerializer.Serialize(_json, withIndex ? next : next with { EventIndex = null }, RunEventTypes.Get(next));
        _json.Flush();
        if (next.EventIndex is { } index)
        {
            output.Write("\nid: "u8);
            Utf8Formatter.TryFormat(index, output.GetSpan(20), out var written);
            output.Advance(written);
        }

        output.Write("\n\n"u8);
    }

    /// <summary>Writes a frame about the stream itself.</summary>
    public void Write(StreamNotice notice)
    {
        output.Write("event: "u8);
        Encoding.UTF8.GetBytes(notice.Name, output);
        output.Write("\ndata: "u8);
        Encoding.UTF8.GetBytes(notice.ToJson(), output);
        output.Write("\n\n"u8);
    }

    /// <summary>Writes a comment: it keeps proxies from closing an idle connection, and clients skip it.</summary>
    public void WriteHeartbeat() => output.Write(": heartbeat\n\n"u8);

    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await output.FlushAsync(cancellationToken);

    public void Dispose() => _json.Dispose();
}
