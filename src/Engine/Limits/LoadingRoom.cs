using System.Threading.Channels;
using Cluster.Engine.Errors;

namespace Cluster.Engine.Limits;

/// <summary>Lets a few at a time load something large, and only while there is room for it.</summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class LoadingRoom(TimeProvider timeProvider)
{
    /// <summary>Whoever waits for room is refused after that: clients try again, and others may be let in first.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _places = Channel.CreateBounded<bool>(2);
    private long _bytes;
    private volatile TaskCompletionSource _changed = NewSignal();

    /// <summary>Waits for a place and for room.</summary>
    /// <param name="hasRoom">Tells whether there is room; it is asked again after each <see cref="Look"/>.</param>
    /// <returns>The place, to be given back when what was loaded counts.</returns>
    /// <exception cref="UnavailableException">There was none for a while.</exception>
    public async Task<IDisposable> EnterAsync(Func<bool> hasRoom)
    {
        using var patience = new CancellationTokenSource(Patience, timeProvider);
        try
        {
            await _places.Writer.WriteAsync(true, patience.Token);
            var place = new Place(_places.Reader);
            try
            {
                for (var changed = _changed.Task; !hasRoom(); changed = _changed.Task)
                {
                    await changed.WaitAsync(patience.Token);
                }

                return place;
            }
            catch (OperationCanceledException)
            {
                place.Dispose();
                throw;
            }
        }
        catch (OperationCanceledException)
        {
            throw new UnavailableException("Too many stored runs are being read at this moment. Try again in some seconds.") { IsForCallers = true };
        }
    }

    /// <summary>Gets how many bytes are being read by somebody.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Counts what is read from now on, or not any more.</summary>
    public void Count(long bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Lets those who wait look again.</summary>
    public void Look() => Interlocked.Exchange(ref _changed!, NewSignal()).TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Place(ChannelReader<bool> places) : IDisposable
    {
        public void Dispose() => places.TryRead(out _);
    }
}
