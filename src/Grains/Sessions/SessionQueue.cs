using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Grains.Sessions;

/// <summary>The runs of a session that wait or work, in their order. The first one works.</summary>
internal sealed partial class SessionQueue
{
    private readonly List<QueuedRun> _runs = [];

    /// <summary>Gets the run that works; null when none does.</summary>
    public string? First => _runs.Count == 0 ? null : _runs[0].RunId;

    /// <summary>Gets or sets a value indicating whether the queue holds what is unfinished, also from earlier activations of its session.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>Adds once what earlier activations left unfinished. Members of teams have no place here: they work beside the run of their team.</summary>
    /// <param name="log">Knows it.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="except">A run to leave out; null for none.</param>
    /// <param name="logger">Where runs are reported that cannot be read.</param>
    /// <exception cref="UnavailableException">The store is away.</exception>
    public async Task LoadAsync(IRunLog log, string sessionId, string? except, ILogger logger)
    {
        if (IsLoaded)
        {
            return;
        }

        var unfinished = (await log.ListUnfinishedAsync(sessionId)).Where(run => run.ParentRunId is null && run.RunId != except);
        foreach (var (state, _) in await UnfinishedRuns.ReadAsync(log, unfinished.Select(run => run.RunId), logger))
        {
            Add(state.Output.RunId, state.Request);
        }

        IsLoaded = true;
    }

    /// <summary>
    /// Does the same for a run that was accepted: to ask for it is to be told of it, whatever becomes of the store now. Without knowing what is ahead no run
    /// has its turn, and it is tried again.
    /// </summary>
    /// <param name="log">Knows what is unfinished.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="accepted">The run.</param>
    /// <param name="logger">Where it reports.</param>
    public async Task TryLoadAsync(IRunLog log, string sessionId, string accepted, ILogger logger)
    {
        try
        {
            await LoadAsync(log, sessionId, accepted, logger);
        }
        catch (EngineException failure)
        {
            // The run is on record: nothing may refuse it any more.
            LogNotLoaded(logger, failure, sessionId, accepted);
        }
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

    [LoggerMessage(LogLevel.Warning, "What is unfinished in session {SessionId} could not be read; run {RunId} waits until it can be")]
    private static partial void LogNotLoaded(ILogger logger, Exception failure, string sessionId, string runId);
}
