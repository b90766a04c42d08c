using Cluster.Engine.Runs;

namespace Cluster.Testing;

/// <summary>Where a process is stopped.</summary>
internal enum CrashKind
{
    /// <summary>Nowhere: the events and commits are only counted.</summary>
    Never,

    /// <summary>When the loop has given so many events, stored or not.</summary>
    AfterEvent,

    /// <summary>When something is about to be stored.</summary>
    BeforeCommit,

    /// <summary>When something was stored and nobody knows it yet.</summary>
    AfterCommit,
}

/// <summary>A point of a run at which the process is stopped, once. It counts what passes.</summary>
/// <param name="kind">What is counted.</param>
/// <param name="number">How many have to pass.</param>
internal sealed class CrashPoint(CrashKind kind, int number)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _last = "the run's acceptance";
    private int _events;
    private int _commits;

    /// <summary>Gets a task that ends when the process is stopped.</summary>
    public Task Reached => _reached.Task;

    public int Events => _events;

    public int Commits => _commits;

    /// <summary>Lets an event of the loop pass, or stops the process for good.</summary>
    public Task PassEventAsync(RunEvent? next)
    {
        if (next is not null)
        {
            Interlocked.Increment(ref _events);
            Note(next.Event);
        }

        return StopIf(kind == CrashKind.AfterEvent && Volatile.Read(ref _events) == number);
    }

    /// <summary>Lets a commit pass, or stops the process for good.</summary>
    public async Task<T> PassCommitAsync<T>(RunEvent last, Func<Task<T>> commit)
    {
        var commits = Interlocked.Increment(ref _commits);
        Note(last.Event);
        await StopIf(kind == CrashKind.BeforeCommit && commits == number);
        var result = await commit();
        await StopIf(kind == CrashKind.AfterCommit && commits == number);
        return result;
    }

    public override string ToString() => kind switch
    {
        CrashKind.AfterEvent => $"after event {number} ({_last})",
        CrashKind.BeforeCommit => $"before {_last} is stored (commit {number})",
        CrashKind.AfterCommit => $"after {_last} was stored, before anybody knows (commit {number})",
        _ => "without a crash",
    };

    private void Note(string name)
    {
        if (!_reached.Task.IsCompleted)
        {
            _last = name;
        }
    }

    /// <summary>A process that is stopped does nothing any more: whoever waits here waits for good.</summary>
    private Task StopIf(bool isHere)
    {
        if (!isHere && !_reached.Task.IsCompleted)
        {
            return Task.CompletedTask;
        }

        _reached.TrySetResult();
        return new TaskCompletionSource().Task;
    }
}
