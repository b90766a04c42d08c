using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams.Tasks;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Teams;

/// <summary>
/// Hands tasks of one run to members. Every member works in a run of its own, whose id follows from the call: whoever makes the call again, in whatever
/// process, finds the same runs and goes on where they are.
/// </summary>
/// <param name="services">What the loop works with.</param>
/// <param name="run">The team's run.</param>
internal sealed class Delegation(AgentLoopServices services, AgentRun run)
{
    private readonly MemberWork _work = new(services.Members(), run, services.TimeProvider);

    /// <summary>Gets the team.</summary>
    public Team Team => run.Team!;

    /// <summary>Gets the time, in Unix seconds.</summary>
    public long UnixSeconds => run.Stamp.UnixSeconds;

    /// <summary>Hands a task to one member.</summary>
    /// <returns>What it answers, or that it waits for a human.</returns>
    /// <exception cref="InvalidRequestException">There is no such member.</exception>
    public async Task<ToolResult> ToMemberAsync(RunContext context, string memberId, string task, CancellationToken cancellationToken)
    {
        var settled = (await WorkAsync(context, [new MemberTask(Require(memberId), task)], cancellationToken))[0];
        return settled.IsWaiting
            ? new ToolResult(settled.ToNotice()) { ChildRunId = settled.Output.RunId, IsWaiting = true }
            : Team.Mode == TeamMode.Route ? Answer(settled)
            : new ToolResult(settled.ToText()) { ChildRunId = settled.Output.RunId };
    }

    /// <summary>What one member answers for the team is the team's answer as it is.</summary>
    private static ToolResult Answer(SettledMember settled)
    {
        var output = settled.Output;
        var media = new RunMedia { Images = output.Images ?? [], Videos = output.Videos ?? [], Audio = output.Audio ?? [], Files = output.Files ?? [] };
        return new ToolResult(settled.ToText())
        {
            ChildRunId = output.RunId,
            IsAnswer = true,
            AnswerType = output.Content?.Json is null ? null : output.ContentType,
            Media = media is { Images.IsEmpty: true, Videos.IsEmpty: true, Audio.IsEmpty: true, Files.IsEmpty: true } ? null : media,
        };
    }

    /// <summary>Hands a task to every member at the same time.</summary>
    /// <returns>What they answer, or that some of them wait for a human.</returns>
    public async Task<ToolResult> ToAllAsync(RunContext context, string task, CancellationToken cancellationToken)
    {
        var all = await WorkAsync(context, [.. Team.Members.Select(member => new MemberTask(Team.Effective(member), task))], cancellationToken);
        var waiting = all.Where(settled => settled.IsWaiting).ToArray();
        return waiting.Length > 0
            ? new ToolResult(string.Join('\n', waiting.Select(settled => settled.ToNotice()))) { IsWaiting = true }
            : new ToolResult(string.Concat(all.Select(settled => $"Agent {settled.Task.Name}: {settled.ToText()}")));
    }

    /// <summary>Looks a member up.</summary>
    /// <exception cref="InvalidRequestException">There is no such member.</exception>
    public Agent Require(string memberId) => Team.FindMember(memberId)
        ?? throw new InvalidRequestException($"There is no member '{memberId}'. The members are: {string.Join(", ", Team.Members.Select(one => one.AgentId))}.");

    /// <summary>Lets members work on their tasks, as many at once as the team allows.</summary>
    /// <returns>What became of them, in the order of the tasks. None of them sinks the others.</returns>
    public async Task<IReadOnlyList<SettledMember>> WorkAsync(RunContext context, ImmutableArray<MemberTask> tasks, CancellationToken cancellationToken)
    {
        var briefing = await EngageAsync(context, tasks, cancellationToken);
        using var atOnce = new SemaphoreSlim(Team.Delegation.AtOnce);
        var all = await Task.WhenAll(tasks.Select(task => WorkAsync(context, task, briefing, atOnce, cancellationToken)));

        // In the order of the tasks, so that it does not depend on who was faster. What a call changes comes with its outcome.
        foreach (var settled in all.Any(settled => settled.IsWaiting) ? [] : all)
        {
            MemberState.Merge(context.State, settled);
        }

        return all;
    }

    /// <summary>Takes down who gets a task, unless that was done before.</summary>
    /// <returns>What they are told.</returns>
    private async Task<Briefing> EngageAsync(RunContext context, ImmutableArray<MemberTask> tasks, CancellationToken cancellationToken)
    {
        var members = tasks.Select(task => new EngagedMember(RunIdOf(context, task), task.Member.AgentId, task.Name)).ToImmutableArray();
        var state = TaskList.Without(context.State.Kept);
        var known = members.Select(member => run.State.Team.Find(member.RunId)).ToArray();
        if (known.Contains(null))
        {
            context.Teller?.Invoke(new MembersEngaged(context.ToolCallId!, members) { SessionState = state.GetPropertyCount() == 0 ? null : state });
        }

        // Those who have been heard of have begun.
        return known.All(member => member is { Status: not null } or { HeardUpTo: >= 0 }) ? new Briefing(state, null)
            : await MemberWork.PatientlyAsync(() => Briefing.MakeAsync(services, run, state, cancellationToken), services.TimeProvider, cancellationToken);
    }

    private string RunIdOf(RunContext context, MemberTask task) => MemberRequests.RunIdOf(run.Request.RunId, context.ToolCallId!, task);

    private async Task<SettledMember> WorkAsync(RunContext context, MemberTask task, Briefing briefing, SemaphoreSlim atOnce, CancellationToken cancellationToken)
    {
        await atOnce.WaitAsync(cancellationToken);
        try
        {
            var known = run.State.Team.Find(RunIdOf(context, task));
            var request = MemberRequests.Of(run, context.ToolCallId!, task, known is null ? briefing : briefing with { SessionState = known.SessionState ?? EngineJson.EmptyObject });
            var (output, wasSettled) = await _work.DoAsync(request, next => Tell(context, request.RunId, next), cancellationToken);
            if (!wasSettled)
            {
                context.Teller?.Invoke(Settlement(task, output));
            }

            return new SettledMember(task, request, output);
        }
        finally
        {
            atOnce.Release();
        }
    }

    /// <summary>Where one member answers for the team, its words are the team's.</summary>
    private void Tell(RunContext context, string runId, RunEvent next)
    {
        var asOwn = Team.Mode == TeamMode.Route && next is RunContent words && words.RunId == runId;
        if (asOwn || Team.Delegation.StreamEvents)
        {
            var told = asOwn ? run.Stamp.Mark((RunContent)next) : next;
            context.Teller?.Invoke(told with { EventIndex = null, Heard = new HeardEvent(runId, next.EventIndex!.Value, asOwn) });
        }
    }

    /// <summary>Says how a member's run has settled.</summary>
    /// <param name="task">What the member had to do; null when nothing can be asked of a human for it any more.</param>
    /// <param name="output">What its run amounts to.</param>
    internal static MemberSettled Settlement(MemberTask? task, RunOutput output) => new(output.RunId, output.Status)
    {
        Costs = RunMetrics.None.Add(output.Metrics ?? RunMetrics.None).Add(output.MemberCosts ?? RunMetrics.None),
        Requirements = output.Status != RunStatus.Paused || task is null ? null :
        [
            .. (output.Requirements ?? []).Where(requirement => requirement.IsOpen).Select(requirement => requirement with
            {
                MemberAgentId = task.Member.AgentId,
                MemberAgentName = task.Name,
                MemberRunId = output.RunId,
                MemberPath = requirement.MemberAgentId is { } inner ? [inner, .. requirement.MemberPath ?? []] : null,
            }),
        ],
    };
}

/// <summary>A task for a member.</summary>
/// <param name="Member">The member, as it runs in its team.</param>
/// <param name="Text">What it has to do.</param>
internal sealed record MemberTask(Agent Member, string Text)
{
    /// <summary>Gets what tells the tasks of one call apart. The default is the member.</summary>
    public string Key { get; init; } = Member.AgentId;

    /// <summary>Gets the member's name.</summary>
    public string Name => Member.Name ?? Member.AgentId;
}

/// <summary>A member whose run has settled.</summary>
/// <param name="Task">What it had to do.</param>
/// <param name="Request">Its run.</param>
/// <param name="Output">What the run amounts to.</param>
internal sealed record SettledMember(MemberTask Task, RunRequest Request, RunOutput Output)
{
    /// <summary>Gets a value indicating whether it waits for a human.</summary>
    public bool IsWaiting => Output.Status == RunStatus.Paused;

    /// <summary>Gives what the leader is told of a member that waits.</summary>
    public string ToNotice() => $"Member '{Task.Name}' requires human input before continuing.";

    /// <summary>Gives what the member answered.</summary>
    public string ToText() => Output.Content?.ToString() is { Length: > 0 } text ? text : "No response from the member agent.";
}
