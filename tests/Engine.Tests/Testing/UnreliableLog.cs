using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Tests.Testing;

/// <summary>A real log behind a connection that breaks before or after the store has done its work.</summary>
internal sealed class UnreliableLog(IRunLog log) : IRunLog
{
    private int _appends;
    private int _failures;

    /// <summary>Gets or sets for which appends, counted from 1, the connection breaks before they arrive.</summary>
    public Func<int, bool> BreaksBefore { get; set; } = _ => false;

    /// <summary>Gets or sets for which appends, counted from 1, the connection breaks before the answer arrives.</summary>
    public Func<int, bool> BreaksAfter { get; set; } = _ => false;

    /// <summary>Gets or sets for which runs the store fails in a way that no repetition mends.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>Gets or sets for which runs the store refuses what it is given.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    /// <summary>Gets how many appends have failed for good.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Gets or sets which runs hold events that nobody knows.</summary>
    public Func<string, bool> IsUnreadable { get; set; } = _ => false;

    /// <summary>Gets or sets a value indicating whether the connection breaks before the answer to the next acceptance arrives.</summary>
    public bool LosesAcceptance { get; set; }

    public int Appends => _appends;

    public async Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default)
    {
        var accepted = await log.AcceptAsync(acceptance, cancellationToken);
        var loses = LosesAcceptance;
        LosesAcceptance = false;
        Break(loses);
        return accepted;
    }

    public async Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
    {
        var number = Interlocked.Increment(ref _appends);
        Break(BreaksBefore(number));
        if (Refuses(append.RunId))
        {
            throw new InvalidRequestException("A value is too long for the store.");
        }

        if (Fails(append.RunId))
        {
            Interlocked.Increment(ref _failures);
            throw new InvalidDataException("The store cannot take this.");
        }

        await log.AppendAsync(append, cancellationToken);
        Break(BreaksAfter(number));
    }

    public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default) =>
        IsUnreadable(runId) ? throw new JsonException("The event is of no known type.") : log.ReadAsync(runId, cancellationToken);

    public Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default) =>
        runIds.Any(IsUnreadable) ? throw new JsonException("An event is of no known type.") : log.ReadAsync(runIds, cancellationToken);

    public Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default) => log.ListUnfinishedAsync(sessionId, cancellationToken);

    private static void Break(bool now)
    {
        if (now)
        {
            throw new UnavailableException("The connection broke.");
        }
    }
}
