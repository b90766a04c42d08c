using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Testing;

/// <summary>How a run ended, and what it took.</summary>
internal sealed record TrialOutcome(RunOutput Output, IReadOnlyList<RunEvent> Events, string? World)
{
    /// <summary>Gets the calls that reached their tools.</summary>
    public required IReadOnlyList<LedgerEntry> Calls { get; init; }

    /// <summary>Gets the calls whose outcome was stored when the process was stopped.</summary>
    public required ImmutableHashSet<string> SettledBefore { get; init; }

    /// <summary>Gets how many calls had reached their tools when the process was stopped.</summary>
    public required int CallsBefore { get; init; }

    /// <summary>Gets the calls about which the human was asked again although the answer had been taken.</summary>
    public required ImmutableArray<string> AskedAgain { get; init; }
}

/// <summary>One run over one store: in a process that is stopped at a point, and then in one that is not.</summary>
/// <param name="scenario">The run.</param>
/// <param name="point">Where the first process is stopped.</param>
internal sealed class Trial(CrashScenario scenario, CrashPoint point)
{
    private readonly MemoryStore _store = new();
    private readonly CallLedger _ledger = new();
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);
    private readonly List<string> _askedAgain = [];
    private readonly RunRequest _request = new()
    {
        RunId = Guid.NewGuid().ToString(),
        SessionId = Guid.NewGuid().ToString(),
        AgentId = scenario.Agent.AgentId,
        ComponentType = scenario.Agent is Team ? SessionType.Team : SessionType.Agent,
        Input = scenario.Input,
    };

    public async Task<TrialOutcome> RunAsync(CancellationToken cancellationToken)
    {
        scenario.Reset?.Invoke();
        using var patience = new CancellationTokenSource(scenario.Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await RunWithinTimeAsync(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The run of '{scenario.Agent.AgentId}' that is stopped {point} did not end within {scenario.Patience}. Raise {nameof(CrashScenario)}.{nameof(CrashScenario.Patience)} if it needs longer.");
        }
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Nobody disposes of a process that was stopped: that would let it finish.")]
    [SuppressMessage("Reliability", "CA2025:Ensure tasks using 'IDisposable' instances complete before the instances are disposed", Justification = "What a stopped process still does, it does for nobody.")]
    private async Task<TrialOutcome> RunWithinTimeAsync(CancellationToken cancellationToken)
    {
        using var died = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var doomed = TrialProcess.Start(_ledger.Watch(scenario.Agent), _store, point);
        var work = DriveAsync(doomed, died.Token);
        var end = EndAsync(doomed, work, canBeStopped: true);
        if (await Task.WhenAny(end, point.Reached).WaitAsync(cancellationToken) == end)
        {
            return await ConcludeAsync(await end, [], _ledger.Calls.Count);
        }

        await died.CancelAsync();
        await Task.WhenAny(work).WaitAsync(cancellationToken);

        // What had reached a tool has its effect; the process did not live to hear of it.
        await _ledger.WhenIdleAsync().WaitAsync(cancellationToken);
        var settled = await SettledAsync();
        var before = _ledger.Calls.Count;
        var successor = TrialProcess.Start(_ledger.Watch(scenario.Agent), _store, null);
        return await ConcludeAsync(await EndAsync(successor, DriveAsync(successor, cancellationToken), canBeStopped: false).WaitAsync(cancellationToken), settled, before);
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
            if (!canBeStopped || !point.Reached.IsCompleted)
            {
                await host.DisposeAsync();
            }
        }
    }

    /// <summary>Starts the run, or goes on with it, and answers until it is over.</summary>
    private async Task<RunOutput> DriveAsync(InProcessRunHost host, CancellationToken cancellationToken)
    {
        await host.RecoverAsync(cancellationToken);
        if (await host.FindAsync(_request.RunId, cancellationToken) is null)
        {
            await host.StartAsync(_request, cancellationToken).WaitAsync(cancellationToken);
        }

        while (true)
        {
            var output = await host.WaitAsync(_request.RunId, cancellationToken);
            if (output.Status != RunStatus.Paused)
            {
                return output;
            }

            var answers = Answers(output);
            await host.ContinueAsync(Continuation(output, answers), cancellationToken).WaitAsync(cancellationToken);
            _answered.UnionWith(answers.Select(tool => tool.ToolCallId!));
        }
    }

    private ImmutableArray<ToolExecution> Answers(RunOutput paused)
    {
        var waiting = CrashScenario.Waiting(paused).ToArray();
        var doubts = waiting.Where(tool => tool.ConfirmationNote == ToolExecution.InDoubtNote).ToArray();
        _askedAgain.AddRange(waiting.Except(doubts).Where(tool => _answered.Contains(tool.ToolCallId!)).Select(tool => tool.ToolName!));

        // The truth is what the ledger says: a call that reached its tool is not made again.
        var truths = doubts.Select(tool => tool with { Confirmed = true, Result = _ledger.ResultOf(tool.ToolCallId) });
        return [.. waiting.Length > doubts.Length ? scenario.Answer(paused).Where(tool => doubts.All(doubt => doubt.ToolCallId != tool.ToolCallId)) : [], .. truths];
    }

    private async Task<TrialOutcome> ConcludeAsync(RunOutput output, ImmutableHashSet<string> settledBefore, int callsBefore) =>
        new(await new MemberResponses(_store).AttachAsync(output), await new RunEventReader(_store, _store).ReadAsync(_request.RunId) ?? [], scenario.World?.Invoke())
        {
            Calls = _ledger.Calls,
            SettledBefore = settledBefore,
            CallsBefore = callsBefore,
            AskedAgain = [.. _askedAgain],
        };

    private RunContinuation Continuation(RunOutput paused, ImmutableArray<ToolExecution> answers) => paused.TeamId is null
        ? new RunContinuation(_request.RunId, answers)
        : new RunContinuation(_request.RunId)
        {
            Requirements =
            [
                .. (paused.Requirements ?? [])
                    .Where(requirement => requirement.IsOpen && answers.Any(answer => answer.ToolCallId == requirement.ToolExecution.ToolCallId))
                    .Select(requirement => requirement with { ToolExecution = answers.First(answer => answer.ToolCallId == requirement.ToolExecution.ToolCallId) }),
            ],
        };

    /// <summary>Gives the calls whose outcome is stored, in this run and in those of members.</summary>
    private async Task<ImmutableHashSet<string>> SettledAsync()
    {
        var runs = await _store.ListAsync(new RunQuery(_request.SessionId));
        var logs = await Task.WhenAll(runs.Select(run => _store.ReadAsync(run.Output.RunId)));
        return logs.SelectMany(log => log?.Events ?? []).OfType<ToolCallSettled>().Select(next => next.Tool.ToolCallId!).ToImmutableHashSet(StringComparer.Ordinal);
    }
}
