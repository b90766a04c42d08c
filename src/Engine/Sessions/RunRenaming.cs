using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Sessions;

/// <summary>A run that is copied.</summary>
/// <param name="Output">What it amounts to.</param>
/// <param name="Log">Its log.</param>
internal sealed record SettledRun(RunOutput Output, RunLogRecord Log)
{
    /// <summary>Gets what was asked for.</summary>
    public RunRequest Request => ((RunAccepted)Log.Events[0]).Request;

    /// <summary>Gets the runs of members that it engaged.</summary>
    public IEnumerable<string> Members => Log.Events.OfType<MembersEngaged>().SelectMany(engaged => engaged.Members).Select(member => member.RunId);
}

/// <summary>Gives copied runs, and all that names them, new ids.</summary>
internal sealed class RunRenaming
{
    private readonly string _sourceId;
    private readonly string _sessionId;
    private readonly Dictionary<string, string> _runIds = new(StringComparer.Ordinal);

    /// <summary>Names the copies. The id of a member's run follows from the call of its team, also in the copy: going on, the team finds it by that.</summary>
    /// <param name="sourceId">The session that is copied.</param>
    /// <param name="sessionId">The copy.</param>
    /// <param name="runs">The runs, teams before their members.</param>
    public RunRenaming(string sourceId, string sessionId, IEnumerable<SettledRun> runs)
    {
        (_sourceId, _sessionId) = (sourceId, sessionId);
        foreach (var run in runs)
        {
            _runIds.Add(run.Output.RunId, KeyOf(run.Request) is { } key ? MemberRequests.RunIdOf(key) : Guid.CreateVersion7().ToString());
        }
    }

    /// <summary>Copies a run.</summary>
    public RunCopy Copy(SettledRun run) => new(
        run.Output with
        {
            RunId = _runIds[run.Output.RunId],
            SessionId = _sessionId,
            ParentRunId = Rename(run.Output.ParentRunId),
            ForkedFromRunId = Rename(run.Output.ForkedFromRunId),
            ForkedFromSessionId = _sourceId,
            RegeneratedFrom = Rename(run.Output.RegeneratedFrom),
            Tools = run.Output.Tools is { } tools ? [.. tools.Select(Copy)] : null,
            Requirements = run.Output.Requirements is { } requirements ? [.. requirements.Select(Copy)] : null,
        },
        run.Log.Generation,
        [.. run.Log.Events.Select(Copy)]);

    private RunEvent Copy(RunEvent next) => next switch
    {
        RunAccepted accepted => accepted with { Request = Copy(accepted.Request) },
        AgentEvent told => CopyCalls(told with { RunId = Rename(told.RunId)!, SessionId = _sessionId, ParentRunId = Rename(told.ParentRunId) }),
        ToolCallSettled settled => settled with { Tool = Copy(settled.Tool) },
        AnswersReceived { Members: { } members } answers => answers with
        {
            Members = [.. members.Select(member => new MemberAnswers(Rename(member.RunId)!, [.. member.Requirements.Select(Copy)]))],
        },
        MembersEngaged engaged => engaged with { Members = [.. engaged.Members.Select(member => member with { RunId = Rename(member.RunId)! })] },
        MemberSettled settled => settled with
        {
            RunId = Rename(settled.RunId)!,
            Requirements = settled.Requirements is { } requirements ? [.. requirements.Select(Copy)] : null,
        },
        _ => next,
    };

    private AgentEvent CopyCalls(AgentEvent next) => next switch
    {
        ToolCallCompleted completed => completed with { Tool = Copy(completed.Tool) },
        ToolCallError failed => failed with { Tool = Copy(failed.Tool) },
        RunPaused paused => paused with { Tools = [.. paused.Tools.Select(Copy)], Requirements = [.. paused.Requirements.Select(Copy)] },
        _ => next,
    };

    private RunRequest Copy(RunRequest request) => request with
    {
        RunId = Rename(request.RunId)!,
        SessionId = _sessionId,
        ParentRunId = Rename(request.ParentRunId),
        IdempotencyKey = KeyOf(request),
        CopiedFrom = _sourceId,
        Fork = request.Fork is { } fork ? fork with { RunId = Rename(fork.RunId)!, Before = null } : null,
    };

    private ToolExecution Copy(ToolExecution call) => call.ChildRunId is null ? call : call with { ChildRunId = Rename(call.ChildRunId) };

    private RunRequirement Copy(RunRequirement requirement) => requirement with
    {
        MemberRunId = Rename(requirement.MemberRunId),
        ToolExecution = Copy(requirement.ToolExecution),
    };

    private string? KeyOf(RunRequest request) => MemberRequests.KeyIn(request, request.ParentRunId is { } parent ? _runIds.GetValueOrDefault(parent) : null);

    private string? Rename(string? runId) => runId is null ? null : _runIds.GetValueOrDefault(runId, runId);
}
