using System.IO.Pipelines;
using Cluster.Engine.Contents;
using Cluster.Engine.Json;

namespace Cluster.Api.Sending;

/// <summary>The body of an answer. Little of it is written before its reader takes it.</summary>
/// <param name="http">The request.</param>
/// <param name="readers">Drops readers that take nothing.</param>
internal sealed class ResponseOutput(HttpContext http, SlowReaders readers)
{
    private const int FlushAt = 16 * 1024;

    private Func<ValueTask>? _flushIfFull;

    /// <summary>Gets where the content of media comes from that is shown.</summary>
    public MediaContents Media { get; } = http.RequestServices.GetRequiredService<MediaContents>();

    private PipeWriter Writer => http.Response.BodyWriter;

    /// <summary>Gives the body of a request's answer.</summary>
    /// <param name="http">The request.</param>
    /// <returns>The body.</returns>
    public static ResponseOutput Of(HttpContext http) => new(http, http.RequestServices.GetRequiredService<SlowReaders>());

    /// <summary>Writes, and waits for the reader when much is written.</summary>
    /// <param name="json">What to write.</param>
    /// <returns>A task that ends when there is room for more.</returns>
    public ValueTask WriteAsync(SplitJson json)
    {
        if (!json.IsSplit && json.Bytes.Length <= FlushAt)
        {
            json.Bytes.CopyTo(Writer.GetSpan(json.Bytes.Length));
            Writer.Advance(json.Bytes.Length);
            return FlushIfFullAsync();
        }

        return SendAsync(json);
    }

    private async ValueTask SendAsync(SplitJson json)
    {
        await json.LoadAsync(http.RequestAborted);
        await json.SendAsync(Writer, _flushIfFull ??= FlushIfFullAsync);
    }

    /// <summary>Sends what is written, and waits for the reader when much is not taken yet.</summary>
    /// <returns>A task that ends when there is room for more.</returns>
    public ValueTask FlushAsync()
    {
        var unsent = Writer.UnflushedBytes;
        var flushing = Writer.FlushAsync(http.RequestAborted);
        if (!flushing.IsCompletedSuccessfully)
        {
            return new ValueTask(WaitAsync(flushing.AsTask(), unsent));
        }

        _ = flushing.Result;
        http.RequestAborted.ThrowIfCancellationRequested();
        return ValueTask.CompletedTask;
    }

    private ValueTask FlushIfFullAsync() => Writer.UnflushedBytes > FlushAt ? FlushAsync() : ValueTask.CompletedTask;

    private async Task WaitAsync(Task flushing, long unsent)
    {
        await readers.WaitAsync(http, flushing, unsent);
        http.RequestAborted.ThrowIfCancellationRequested();
    }
}
