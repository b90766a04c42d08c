using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Caching;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Engine.Teams;

namespace Cluster.Testing;

/// <summary>How a run ended, and what it took.</summary>
internal sealed record TrialOutcome(RunOutput Output, IReadOnlyList<RunEvent> Events, string? World)
{
    /// <summary>Gets the session.</summary>
    public required SessionRecord Session { get; init; }

    /// <summary>Gets what became of the runs of the session, members' runs left out, in the order in which they were accepted.</summary>
    public required ImmutableArray<RunOutput> Runs { get; init; }

    /// <summary>Gets the calls that reached their tools.</summary>
    public required IReadOnlyList<LedgerEntry> Calls { get; init; }

    /// <summary>Gets the calls whose outcome was stored when the process was stopped.</summary>
    public required ImmutableHashSet<string> SettledBefore { get; init; }

    /// <summary>Gets how many calls had reached their tools when the process was stopped.</summary>
    public required int CallsBefore { get; init; }

    /// <summary>Gets the calls about which the human was asked again although the answer had been taken.</summary>
    public required ImmutableArray<string> AskedAgain { get; init; }
}

/// <summary>One run over one store, and what goes on from it: in a process that is stopped at a point, and then in one that is not.</summary>
internal sealed class Trial
{
    private readonly CrashScenario _scenario;
    private readonly CrashPoint _point;
    private readonly MemoryStore _store = new();
    private readonly MemoryResultCache _cache = new(TimeProvider.System);
    private readonly RunChain _chain = new(Guid.NewGuid().ToString());
    private readonly CallLedger _ledger;
    private readonly RunRequest _request;
    private readonly TrialCaller _caller;

    /// <summary>Creates the trial.</summary>
    /// <param name="scenario">The run.</param>
    /// <param name="point">Where the first process is stopped.</param>
    public Trial(CrashScenario scenario, CrashPoint point)
    {
        _scenario = scenario;
        _point = point;
        _ledger = new CallLedger(_chain);
        _request = new RunRequest
        {
            RunId = _chain.First,
            SessionId = Guid.NewGuid().ToString(),
            AgentId = scenario.Agent.AgentId,
            ComponentType = scenario.Agent is Team ? SessionType.Team : SessionType.Agent,
            Input = scenario.Input,
        };
        _caller = new TrialCaller(scenario, _request, _chain, _ledger);
    }

    public async Task<TrialOutcome> RunAsync(CancellationToken cancellationToken)
    {
        _scenario.Reset?.Invoke();
        using var patience = new CancellationTokenSource(_scenario.Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await RunWithinTimeAsync(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The run of '{_scenario.Agent.AgentId}' that is stopped {_point} did not end within {_scenario.Patience}. Raise {nameof(CrashScenario)}.{nameof(CrashScenario.Patience)} if it needs longer.");
        }
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Nobody disposes of a process that was stopped: that would let it finish.")]
    [SuppressMessage("Reliability", "CA2025:Ensure tasks using 'IDisposable' instances complete before the instances are disposed", Justification = "What a stopped process still does, it does for nobody.")]
    private async Task<TrialOutcome> RunWithinTimeAsync(CancellationToken cancellationToken)
    {
        using var died = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var doomed = TrialProcess.Start(_ledger.Watch(_scenario.Agent), _store, _cache, _point);
        var work = _caller.DriveAsync(doomed, died.Token);
        var end = EndAsync(doomed, work, canBeStopped: true);
        if (await Task.WhenAny(end, _point.Reached).WaitAsync(cancellationToken) == end)
        {
            return await ConcludeAsync(await end, [], _ledger.Calls.Count);
        }

        await died.CancelAsync();
        await Task.WhenAny(work).WaitAsync(cancellationToken);

        // What had reached a tool has its effect; the process did not live to hear of it.
        await _ledger.EndProcessAsync().WaitAsync(cancellationToken);
        var settled = await SettledAsync();
        var before = _ledger.Calls.Count;
        var successor = TrialProcess.Start(_ledger.Watch(_scenario.Agent), _store, _cache, null);
        return await ConcludeAsync(await EndAsync(successor, _caller.DriveAsync(successor, cancellationToken), canBeStopped: false).WaitAsync(cancellationToken), settled, before);
    }

    /// <summary>Shuts a process down in order when its work is done. It may be stopped even then, behind the last event, and never be down.</summary>
    private async Task<RunOutput> EndAsync(InProcessRunHost host, Task<RunOutput> work, bool canBeStopped)
    {
        try
        {
            return await work;
        }
        finally
        {
            if (!canBeStopped || !_point.Reached.IsCompleted)
            {
                await host.DisposeAsync();
            }
        }
    }

    private async Task<TrialOutcome> ConcludeAsync(RunOutput output, ImmutableHashSet<string> settledBefore, int callsBefore)
    {
        var runs = await _store.ListAsync(new RunQuery(_request.SessionId) { TopLevelOnly = true });
        var events = await new RunEventReader(_store, _store).ReadAsync(output.RunId) ?? [];
        return new TrialOutcome(await new MemberResponses(_store).AttachAsync(output), events, _scenario.World?.Invoke())
        {
            Session = (await ((ISessionStore)_store).FindAsync(_request.SessionId))!,
            Runs = [.. runs.Select(run => run.Output)],
            Calls = _ledger.Calls,
            SettledBefore = settledBefore,
            CallsBefore = callsBefore,
            AskedAgain = _caller.AskedAgain,
        };
    }

    /// <summary>Gives the calls whose outcome is stored, in all runs and in those of members.</summary>
    private async Task<ImmutableHashSet<string>> SettledAsync()
    {
        var runs = await _store.ListAsync(new RunQuery(_request.SessionId));
        var logs = await Task.WhenAll(runs.Select(async run => (run.Output.RunId, Log: await _store.ReadAsync(run.Output.RunId))));
        return logs
            .SelectMany(run => (run.Log?.Events ?? []).OfType<ToolCallSettled>().Select(next => _chain.Scope(run.RunId, next.Tool.ToolCallId!)))
            .ToImmutableHashSet(StringComparer.Ordinal);
    }
}
