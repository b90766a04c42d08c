namespace Cluster.Engine.Runs;

/// <summary>
/// One mailbox per session: its runs are accepted one after the other and work one after the other, in the order in which they were accepted.
/// Mailboxes of idle sessions do not exist.
/// </summary>
internal sealed class SessionMailboxes
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Mailbox> _mailboxes = new(StringComparer.Ordinal);

    /// <summary>Lets one caller at a time into a session.</summary>
    public async Task<T> EnterAsync<T>(string sessionId, Func<Mailbox, Task<T>> enter, CancellationToken cancellationToken)
    {
        var mailbox = Rent(sessionId);
        try
        {
            await mailbox.Door.WaitAsync(cancellationToken);
            try
            {
                return await enter(mailbox);
            }
            finally
            {
                mailbox.Door.Release();
            }
        }
        finally
        {
            Return(mailbox);
        }
    }

    /// <summary>Waits until no run works.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_mailboxes.Values.Select(mailbox => mailbox.Tail));
        }
    }

    private Mailbox Rent(string sessionId)
    {
        lock (_lock)
        {
            if (!_mailboxes.TryGetValue(sessionId, out var mailbox))
            {
                _mailboxes[sessionId] = mailbox = new Mailbox(this, sessionId);
            }

            mailbox.Users++;
            return mailbox;
        }
    }

    private void Return(Mailbox mailbox)
    {
        lock (_lock)
        {
            if (--mailbox.Users == 0)
            {
                _mailboxes.Remove(mailbox.SessionId);
            }
        }
    }

    /// <summary>The mailbox of one session.</summary>
    /// <param name="mailboxes">Where it belongs.</param>
    /// <param name="sessionId">The session.</param>
    internal sealed class Mailbox(SessionMailboxes mailboxes, string sessionId)
    {
        private readonly List<RunOwner> _runs = [];

        public string SessionId => sessionId;

        /// <summary>Gets or sets how many callers and turns keep the mailbox alive; guarded by the lock of all mailboxes.</summary>
        public int Users { get; set; }

        public SemaphoreSlim Door { get; } = new(1, 1);

        public Task Tail { get; private set; } = Task.CompletedTask;

        /// <summary>Gets a value indicating whether a run that is let in has its turn at once.</summary>
        public bool IsIdle => Tail.IsCompleted;

        /// <summary>Lets a run in, unless it must not wait and would have to. Call it inside the door.</summary>
        /// <returns>The runs ahead that have to give way once the run is accepted.</returns>
        public IReadOnlyList<RunOwner> Admit(RunRequest request)
        {
            RunOwner[] ahead;
            lock (_runs)
            {
                ahead = [.. _runs];
            }

            if (ahead.Length == 0)
            {
                return [];
            }

            return BusySession.Admit(request, [.. ahead.Select(run => new QueuedRun(run.State.Output.RunId, run.State.Request))]) ? ahead : [];
        }

        /// <summary>Lets a run work after those ahead of it. Call it inside the door.</summary>
        public void Enqueue(RunOwner run, Func<RunOwner, Task> turn)
        {
            lock (_runs)
            {
                _runs.Add(run);
            }

            mailboxes.Rent(sessionId);
            Tail = TurnAfterAsync(Tail, run, turn);
        }

        private async Task TurnAfterAsync(Task previous, RunOwner run, Func<RunOwner, Task> turn)
        {
            // Whatever became of the run ahead, it must not hold up this one.
            await (previous.IsCompleted ? Task.CompletedTask : Task.WhenAny(previous));
            try
            {
                // Whoever enqueued goes on at once; a run never works on its caller's time.
                await Task.Yield();
                await turn(run);
            }
            finally
            {
                lock (_runs)
                {
                    _runs.Remove(run);
                }

                mailboxes.Return(this);
            }
        }
    }
}
