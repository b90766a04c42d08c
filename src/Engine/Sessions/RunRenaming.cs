using System.Collections.Immutable;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Sessions;

/// <summary>Gives the runs of a copied session, and all that names them, new ids.</summary>
/// <param name="sourceId">The session.</param>
/// <param name="sessionId">The copy.</param>
internal sealed class RunRenaming(string sourceId, string sessionId)
{
    private readonly Dictionary<string, string> _runIds = new(StringComparer.Ordinal);

    /// <summary>Names a run. All of them are named before the first is copied, and a team before its members.</summary>
    /// <param name="request">The run.</param>
    public void Name(RunRequest request) => _runIds.Add(request.RunId, KeyOf(request) is { } key ? MemberRequests.RunIdOf(key) : NewId());

    /// <summary>Copies a run.</summary>
    /// <param name="record">The run's log.</param>
    /// <param name="isRegenerated">True when another run has answered anew, which the log does not tell.</param>
    /// <returns>The copy.</returns>
    public RunCopy Copy(RunLogRecord record, bool isRegenerated)
    {
        ImmutableArray<RunEvent> events = [.. record.Events.Select(Copy)];
        var output = RunState.From(events).Recorded;
        return new RunCopy(isRegenerated ? output with { Status = RunStatus.Regenerated } : output, record.Generation, events);
    }

    private static string NewId() => Guid.CreateVersion7().ToString();

    /// <summary>A team that goes on finds its members by the ids that follow from its own: those of the copy follow from the copy's.</summary>
    private string? KeyOf(RunRequest request) =>
        request is { ParentRunId: { } parent, IdempotencyKey: { } key } && _runIds.TryGetValue(parent, out var copy) && key.StartsWith($"{parent}/", StringComparison.Ordinal)
            ? copy + key[parent.Length..]
            : null;

    private RunEvent Copy(RunEvent next) => next switch
    {
        RunAccepted accepted => accepted with { Request = Copy(accepted.Request) },
        AgentEvent told => CopyCalls(told) with { RunId = Rename(told.RunId), SessionId = sessionId, ParentRunId = Rename(told.ParentRunId) },
        ToolCallSettled settled => settled with { Tool = Copy(settled.Tool) },
        AnswersReceived answers => answers with { Tools = Copy(answers.Tools), Members = answers.Members is { } members ? [.. members.Select(Copy)] : null },
        MembersEngaged engaged => engaged with { Members = [.. engaged.Members.Select(member => member with { RunId = NameOf(member.RunId) })] },
        MemberSettled settled => settled with { RunId = NameOf(settled.RunId), Requirements = Copy(settled.Requirements) },
        _ => next,
    };

    private AgentEvent CopyCalls(AgentEvent told) => told switch
    {
        ToolCallStarted started => started with { Tool = Copy(started.Tool) },
        ToolCallCompleted completed => completed with { Tool = Copy(completed.Tool) },
        ToolCallError failed => failed with { Tool = Copy(failed.Tool) },
        RunPaused paused => paused with { Tools = Copy(paused.Tools), Requirements = [.. paused.Requirements.Select(Copy)] },
        _ => told,
    };

    private RunRequest Copy(RunRequest request) => request with
    {
        RunId = NameOf(request.RunId),
        SessionId = sessionId,
        ParentRunId = Rename(request.ParentRunId),

        // Of a member's run it says how the id follows from the team's. Stores do not look for copies by it.
        IdempotencyKey = KeyOf(request),
        CopiedFrom = sourceId,
        Fork = request.Fork is { } fork ? Copy(fork) : null,
    };

    private RunFork Copy(RunFork fork) => fork with
    {
        RunId = Rename(fork.RunId)!,
        Before = null,
        Tools = fork.Tools is { } tools ? Copy(tools) : null,
        Turn = fork.Turn is { } turn
            ? turn with
            {
                Calls = [.. turn.Calls.Select(call => call.Execution is { } tool ? call with { Execution = Copy(tool) } : call)],
                Requirements = [.. turn.Requirements.Select(Copy)],
            }
            : null,
    };

    private MemberAnswers Copy(MemberAnswers answers) => new(NameOf(answers.RunId), [.. answers.Requirements.Select(Copy)]);

    private ImmutableArray<RunRequirement>? Copy(ImmutableArray<RunRequirement>? requirements) => requirements is { } all ? [.. all.Select(Copy)] : null;

    private RunRequirement Copy(RunRequirement requirement) => requirement with
    {
        MemberRunId = requirement.MemberRunId is { } runId ? NameOf(runId) : null,
        ToolExecution = Copy(requirement.ToolExecution),
    };

    private ImmutableArray<ToolExecution> Copy(ImmutableArray<ToolExecution> tools) => [.. tools.Select(Copy)];

    private ToolExecution Copy(ToolExecution tool) => tool.ChildRunId is { } child ? tool with { ChildRunId = Rename(child) } : tool;

    /// <summary>The copy may not name a run that stays behind as its member's: whoever reads the copy would read that run.</summary>
    private string NameOf(string runId)
    {
        if (!_runIds.TryGetValue(runId, out var name))
        {
            _runIds[runId] = name = NewId();
        }

        return name;
    }

    private string? Rename(string? runId) => runId is null ? null : _runIds.GetValueOrDefault(runId, runId);
}
