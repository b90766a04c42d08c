using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Cluster.Api.Sending;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Api.Runs;

/// <summary>Writes server-sent events into the body of an answer, no faster than they are taken.</summary>
/// <param name="output">The body.</param>
internal sealed class EventWriter(ResponseOutput output)
{
    /// <summary>Writes an event. Its index goes into a line of its own, so that browsers resume from it, and into the JSON only where clients expect it.</summary>
    /// <returns>A task that ends when there is room for more.</returns>
    public ValueTask WriteAsync(RunEvent next, bool withIndex)
    {
        var frame = SplitJson.Rent(output.Media);
        frame.Output.Write("event: "u8);
        Encoding.UTF8.GetBytes(next.Event, frame.Output);
        frame.Output.Write("\ndata: "u8);
        frame.Write(withIndex ? next : next with { EventIndex = null }, RunEventTypes.Get(next));
        if (next.EventIndex is { } index)
        {
            frame.Output.Write("\nid: "u8);
            Utf8Formatter.TryFormat(index, frame.Output.GetSpan(20), out var written);
            frame.Output.Advance(written);
        }

        frame.Output.Write("\n\n"u8);
        return SendAsync(frame);
    }

    /// <summary>Writes a frame about the stream itself.</summary>
    /// <returns>A task that ends when there is room for more.</returns>
    public ValueTask WriteAsync(StreamNotice notice)
    {
        var frame = SplitJson.Rent();
        frame.Output.Write("event: "u8);
        Encoding.UTF8.GetBytes(notice.Name, frame.Output);
        frame.Output.Write("\ndata: "u8);
        Encoding.UTF8.GetBytes(notice.ToJson(), frame.Output);
        frame.Output.Write("\n\n"u8);
        return SendAsync(frame);
    }

    /// <summary>Writes a comment: it keeps proxies from closing an idle connection, and clients skip it.</summary>
    /// <returns>A task that ends when it is sent.</returns>
    public ValueTask WriteHeartbeatAsync()
    {
        var frame = SplitJson.Rent();
        frame.Output.Write(": heartbeat\n\n"u8);
        return SendAsync(frame);
    }

    public ValueTask FlushAsync() => output.FlushAsync();

    private ValueTask SendAsync(SplitJson frame)
    {
        var sending = output.WriteAsync(frame);
        if (!sending.IsCompletedSuccessfully)
        {
            return WaitAsync(sending, frame);
        }

        frame.Dispose();
        return sending;
    }

    private static async ValueTask WaitAsync(ValueTask sending, SplitJson frame)
    {
        using (frame)
        {
            await sending;
        }
    }
}
