using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Scopes;
using Cluster.Engine.Sessions;

namespace Cluster.Engine.Storage;

/// <summary>The runs of <see cref="MemoryStore"/>, which lets one caller at a time in.</summary>
internal sealed class MemoryRuns(TenantId tenant)
{
    private readonly Dictionary<string, MemoryRun> _runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<MemoryRun>> _runsOfSession = new(StringComparer.Ordinal);
    private readonly Dictionary<(string AgentId, string? UserId, string Key), MemoryRun> _runsByKey = [];
    private long _sequence;

    public MemoryRun? Find(string runId) => _runs.GetValueOrDefault(runId);

    /// <summary>Finds the run that an earlier request with the same key started.</summary>
    public MemoryRun? FindRepeated(RunRequest request) =>
        request.IdempotencyKey is { } key ? _runsByKey.GetValueOrDefault((request.AgentId, request.UserId, key)) : null;

    public MemoryRun Add(RunAcceptance acceptance)
    {
        var request = acceptance.Event.Request;
        if (_runs.ContainsKey(request.RunId))
        {
            throw SessionAdmission.RunExists(request.RunId);
        }

        var run = new MemoryRun(++_sequence, acceptance.Event, acceptance.Output);
        Keep(run);
        if (request.IdempotencyKey is { } key)
        {
            _runsByKey[(request.AgentId, request.UserId, key)] = run;
        }

        return run;
    }

    /// <summary>Refuses copies whose ids are taken.</summary>
    public void Demand(SessionCopy copy)
    {
        if (copy.Runs.FirstOrDefault(run => _runs.ContainsKey(run.Output.RunId)) is { } known)
        {
            throw SessionAdmission.RunExists(known.Output.RunId);
        }
    }

    public IReadOnlyList<MemoryRun> Add(SessionCopy copy)
    {
        MemoryRun[] runs = [.. copy.Runs.Select(run => new MemoryRun(++_sequence, run))];
        Array.ForEach(runs, Keep);
        return runs;
    }

    public IReadOnlyList<MemoryRun> RemoveSession(string sessionId)
    {
        _runsOfSession.Remove(sessionId, out var runs);
        foreach (var run in runs ?? [])
        {
            _runs.Remove(run.Output.RunId);
            if (run.Request.IdempotencyKey is { } key)
            {
                _runsByKey.Remove((run.Request.AgentId, run.Request.UserId, key));
            }
        }

        return runs ?? [];
    }

    public ImmutableArray<UnfinishedRun> ListUnfinished(string? sessionId) =>
    [
        .. _runs.Values
            .Where(run => run.Output.Status is RunStatus.Pending or RunStatus.Running && (sessionId is null || run.SessionId == sessionId))
            .OrderBy(run => run.Sequence)
            .Select(run => new UnfinishedRun(tenant, run.Output.RunId, run.SessionId, run.Sequence, run.Output.ParentRunId)),
    ];

    public ImmutableArray<RunRecord> List(RunQuery query)
    {
        var newestFirst = _runsOfSession.GetValueOrDefault(query.SessionId, []).AsEnumerable().Reverse().Where(run => run.Matches(query));
        return [.. newestFirst.Take(query.Last ?? int.MaxValue).Reverse().Select(run => run.ToRecord())];
    }

    private void Keep(MemoryRun run)
    {
        _runs.Add(run.Output.RunId, run);
        if (!_runsOfSession.TryGetValue(run.SessionId, out var runs))
        {
            _runsOfSession[run.SessionId] = runs = [];
        }

        runs.Add(run);
    }
}
