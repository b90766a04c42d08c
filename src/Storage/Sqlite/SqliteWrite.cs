using Cluster.Engine.Errors;

namespace Cluster.Storage.Sqlite;

/// <summary>One caller's write, which shares a transaction with others.</summary>
internal abstract class SqliteWrite
{
    /// <summary>Gets about how many bytes it writes.</summary>
    public abstract long Size { get; }

    /// <summary>Checks, then writes. What refuses the write is thrown before anything is written.</summary>
    /// <param name="connection">Where to, within a transaction.</param>
    public abstract void Apply(PreparedConnection connection);

    /// <summary>Tells the caller that its write is durable, or why it was refused.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that nothing was written.</summary>
    /// <param name="exception">Why.</param>
    public abstract void Fail(Exception exception);
}

/// <summary>A write with an answer.</summary>
/// <typeparam name="TResult">The answer.</typeparam>
/// <param name="apply">Checks, writes and answers.</param>
/// <param name="size">About how many bytes it writes.</param>
internal sealed class SqliteWrite<TResult>(Func<PreparedConnection, TResult> apply, long size) : SqliteWrite
{
    private readonly TaskCompletionSource<TResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it writes may be large: it is let go as soon as the outcome is known, whoever still holds this.</summary>
    private Func<PreparedConnection, TResult>? _apply = apply;
    private TResult _result = default!;
    private EngineException? _refusal;

    public Task<TResult> Outcome => _outcome.Task;

    public override long Size => size;

    public override void Apply(PreparedConnection connection)
    {
        try
        {
            (_result, _refusal) = (_apply!(connection), null);
        }
        catch (EngineException refusal)
        {
            _refusal = refusal;
        }
    }

    public override void Complete()
    {
        _apply = null;
        if (_refusal is null)
        {
            _outcome.TrySetResult(_result);
        }
        else
        {
            _outcome.TrySetException(_refusal);
        }
    }

    public override void Fail(Exception exception)
    {
        _apply = null;
        _outcome.TrySetException(exception);
    }
}
