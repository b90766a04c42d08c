namespace Cluster.Grains.Interfaces.Runs;

/// <summary>What this process asks the owner of a run to send, and when it has to ask again.</summary>
internal sealed class FollowedWatch
{
    /// <summary>Well within <see cref="RunWatch.Lapse"/>, and the longest that lost news can go unnoticed.</summary>
    public static readonly TimeSpan RenewPeriod = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private bool _isDue = true;
    private long _askedAt;

    /// <summary>Gets a value indicating whether anybody here reads events.</summary>
    public bool WithEvents { get; private set; }

    /// <summary>Gets a value indicating whether anybody here waits for the outcome.</summary>
    public bool WithOutcome { get; private set; }

    /// <summary>Notes what somebody wants. Wanting more than was asked for makes a new question due.</summary>
    public void Want(bool events, bool outcome)
    {
        lock (_lock)
        {
            _isDue |= (events && !WithEvents) || (outcome && !WithOutcome);
            (WithEvents, WithOutcome) = (WithEvents || events, WithOutcome || outcome);
        }
    }

    /// <summary>Notes that the owner was asked along with another call.</summary>
    public void MarkAsked(TimeProvider timeProvider)
    {
        lock (_lock)
        {
            (_isDue, _askedAt) = (false, timeProvider.GetTimestamp());
        }
    }

    /// <summary>Makes the question due: the owner may not have it any more.</summary>
    public void MarkDue()
    {
        lock (_lock)
        {
            _isDue = true;
        }
    }

    /// <summary>Takes it on to ask, if it is time.</summary>
    /// <returns>True for the one who has to ask.</returns>
    public bool TryAsk(TimeProvider timeProvider)
    {
        lock (_lock)
        {
            if (!_isDue && timeProvider.GetElapsedTime(_askedAt) < RenewPeriod)
            {
                return false;
            }

            (_isDue, _askedAt) = (false, timeProvider.GetTimestamp());
            return true;
        }
    }
}
