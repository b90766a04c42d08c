namespace Cluster.Grains.Interfaces.Runs;

/// <summary>
/// When followed runs are asked for after silos came or went: their owners, their queues and those who deliver get new places one after the other, and news
/// that are sent between are lost.
/// </summary>
/// <param name="timeProvider">The clock.</param>
internal sealed class AskSchedule(TimeProvider timeProvider)
{
    private static readonly TimeSpan[] Times = [.. new[] { 0, 1, 2, 4, 8, 16 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    private readonly Lock _lock = new();
    private int _asked = Times.Length;
    private long _began;

    /// <summary>Notes a change.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            (_began, _asked) = (timeProvider.GetTimestamp(), 0);
        }
    }

    /// <summary>Tells whether it is time to ask, once for each time.</summary>
    public bool IsDue()
    {
        lock (_lock)
        {
            if (_asked == Times.Length || timeProvider.GetElapsedTime(_began) < Times[_asked])
            {
                return false;
            }

            _asked++;
            return true;
        }
    }
}
