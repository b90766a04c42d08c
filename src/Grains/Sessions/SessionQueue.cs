using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Sessions;

/// <summary>The runs of a session that wait or work, in their order. The first one works.</summary>
internal sealed class SessionQueue
{
    private readonly List<QueuedRun> _runs = [];

    /// <summary>Gets the run that works; null when none does.</summary>
    public string? First => _runs.Count == 0 ? null : _runs[0].RunId;

    /// <summary>Gets or sets a value indicating whether the queue holds what is unfinished, also from earlier activations of its session.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>Adds what earlier activations left unfinished.</summary>
    /// <param name="log">Knows it.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="except">A run to leave out; null for none.</param>
    /// <param name="logger">Where runs are reported that cannot be read.</param>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public async Task LoadAsync(IRunLog log, string sessionId, string? except, ILogger logger)
    {
        var unfinished = await log.ListUnfinishedAsync(sessionId);
        foreach (var (state, _) in await UnfinishedRuns.ReadAsync(log, unfinished.Select(run => run.RunId).Where(runId => runId != except), logger))
        {
            Add(state.Output.RunId, state.Request);
        }

        IsLoaded = true;
    }

    /// <summary>Lets a run in, unless it must not wait and would have to.</summary>
    /// <returns>The runs ahead that have to give way once the run is accepted.</returns>
    /// <exception cref="ConflictException">The session is busy and the run must not wait.</exception>
    public ImmutableArray<string> Admit(RunRequest request) => BusySession.Admit(request, _runs) ? [.. _runs.Select(run => run.RunId)] : [];

    /// <summary>Adds a run at the end.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="request">What was asked for; null where it is not known.</param>
    public void Add(string runId, RunRequest? request)
    {
        Remove(runId);
        _runs.Add(new QueuedRun(runId, request));
    }

    /// <summary>Adds a run at the end unless it is there.</summary>
    public void AddMissing(string runId)
    {
        if (!_runs.Exists(run => run.RunId == runId))
        {
            _runs.Add(new QueuedRun(runId, null));
        }
    }

    /// <summary>Removes a run.</summary>
    public void Remove(string runId) => _runs.RemoveAll(run => run.RunId == runId);
}
