using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Teams;

/// <summary>Checks what a human decided about a paused team, and finds the members whom the answers are for.</summary>
internal static class TeamAnswers
{
    /// <summary>
    /// Fits answers to what the team waits for. What is not answered stays open, and the team pauses again. A member goes on when all is answered that its run
    /// waits for: it cannot go on with a part of it.
    /// </summary>
    /// <param name="state">The team's run.</param>
    /// <param name="given">What was sent back; null for nothing.</param>
    /// <param name="agent">The team; null when it is not at hand.</param>
    /// <returns>The event to record.</returns>
    /// <exception cref="InvalidRequestException">An answer does not fit.</exception>
    public static AnswersReceived Check(RunState state, ImmutableArray<RunRequirement>? given, Agent? agent)
    {
        var answered = (state.Output.Requirements ?? []).Where(requirement => requirement.IsOpen).Select(open => Fit(state, open, given ?? [], agent)).ToArray();
        if ((given ?? []).FirstOrDefault(requirement => (state.Output.Requirements ?? []).All(known => known.Id != requirement.Id)) is { } stranger)
        {
            throw new InvalidRequestException($"Run {state.Output.RunId} has no requirement '{stranger.Id}'. Send back the requirements of the paused run.");
        }

        var own = answered.Where(requirement => requirement is { MemberRunId: null, IsOpen: false }).Select(requirement => requirement.ToAnswer()).ToImmutableArray();
        var members = answered.Where(requirement => requirement.MemberRunId is not null)
            .GroupBy(requirement => requirement.MemberRunId!, StringComparer.Ordinal)
            .Where(member => member.All(requirement => !requirement.IsOpen))
            .Select(member => new MemberAnswers(member.Key, [.. member]))
            .ToImmutableArray();
        return new AnswersReceived(own.IsEmpty ? [] : Answers.Fit(state, own, agent)) { Members = members.IsEmpty ? null : members };
    }

    /// <summary>Gives the requirements that calls answer, where somebody sends back calls in their place. Calls that nobody waits for are left out.</summary>
    /// <param name="state">The team's run.</param>
    /// <param name="tools">The calls as they were sent back; null or empty when nothing was decided.</param>
    /// <returns>The requirements with the answers.</returns>
    /// <exception cref="InvalidRequestException">There is no such call.</exception>
    public static ImmutableArray<RunRequirement> Of(RunState state, ImmutableArray<ToolExecution>? tools)
    {
        var given = tools ?? [];
        var known = (state.Output.Requirements ?? []).Select(requirement => requirement.ToolExecution).Concat(state.Output.Tools ?? []).Select(call => call.ToolCallId).ToArray();
        return given.FirstOrDefault(tool => !known.Contains(tool.ToolCallId)) is { } stranger
            ? throw new InvalidRequestException($"Run {state.Output.RunId} has no tool call '{stranger.ToolCallId}'. Send back the requirements of the paused run.")
            : [
                .. (state.Output.Requirements ?? []).Where(requirement => requirement.IsOpen)
                    .Select(open => (Open: open, Answer: given.FirstOrDefault(tool => tool.ToolCallId == open.ToolExecution.ToolCallId)))
                    .Where(pair => pair.Answer is not null)
                    .Select(pair => pair.Open with { ToolExecution = pair.Answer! }),
            ];
    }

    /// <summary>Only the answers count: what was asked cannot be changed by sending it back.</summary>
    private static RunRequirement Fit(RunState state, RunRequirement open, ImmutableArray<RunRequirement> given, Agent? agent)
    {
        if (given.FirstOrDefault(requirement => requirement.Id == open.Id)?.ToAnswer() is not { } answer)
        {
            return open;
        }

        var call = open.ToolExecution;
        if (answer.ToolCallId != call.ToolCallId)
        {
            throw new InvalidRequestException($"The requirement '{open.Id}' of run {state.Output.RunId} is about the call {call.ToolCallId}, not {answer.ToolCallId}.");
        }

        var answered = open with
        {
            Confirmation = answer.Confirmed,
            ConfirmationNote = answer.ConfirmationNote,
            ExternalExecutionResult = answer.Result,
            ToolExecution = call with
            {
                Confirmed = answer.Confirmed,
                ConfirmationNote = answer.ConfirmationNote ?? call.ConfirmationNote,
                Result = answer.Result,
                UserInputSchema = Answers.Fill(call.UserInputSchema, answer.UserInputSchema),
                UserFeedbackSchema = Answers.Fill(call.UserFeedbackSchema, answer.UserFeedbackSchema),
            },
        };
        var tool = ToolOf(state, open, agent);
        if (Answers.IsInputGiven(call, answer, tool))
        {
            answered = answered with { ToolExecution = answered.ToolExecution with { Answered = true } };
        }

        if (!answered.IsOpen)
        {
            // What the member could not go on with is refused here, where its human hears of it.
            Answers.Demand(call, answered.ToAnswer(), tool);
        }

        return answered;
    }

    /// <summary>
    /// Lets the guardrails of everybody who will record an answer screen it: the team's, and those of the member and of the teams between them.
    /// </summary>
    /// <exception cref="InvalidRequestException">One of them refuses it.</exception>
    public static ImmutableArray<RunRequirement> Screen(RunState state, ImmutableArray<RunRequirement> answers, Agent? agent) =>
        [.. answers.Select(answer => Recorders(state, answer, agent).Aggregate(Merge(state, answer), Screen))];

    /// <summary>Clients fill values in beside the call, or in it. Where both are filled in, and one is still what was suggested, the other one is the human's.</summary>
    private static RunRequirement Merge(RunState state, RunRequirement answer)
    {
        return Asked(state, answer) is { } asked ? answer with { ToolExecution = Merge(asked, answer, answer.ToolExecution) } : answer;
    }

    /// <summary>Gives the calls with which an agent's run is answered, filled in also where requirements were sent back with them.</summary>
    public static ImmutableArray<ToolExecution>? Merge(RunState state, RunContinuation wish) => wish is { Tools: { } tools, Requirements: { } given }
        ? [.. tools.Select(tool => given.FirstOrDefault(one => one.ToolExecution.ToolCallId == tool.ToolCallId) is { } answer && Asked(state, answer) is { } asked ? Merge(asked, answer, tool) : tool)]
        : wish.Tools;

    private static ToolExecution Merge(RunRequirement requirement, RunRequirement answer, ToolExecution call)
    {
        if (requirement.ToolExecution.UserInputSchema is not { } asked || answer.UserInputSchema is not { } beside || call.UserInputSchema is not { } within)
        {
            return call;
        }

        return call with { UserInputSchema = [.. within.Select(field => Choose(field, asked, beside))] };
    }

    private static UserInputField Choose(UserInputField field, ImmutableArray<UserInputField> asked, ImmutableArray<UserInputField> beside)
    {
        var suggested = asked.FirstOrDefault(one => one.Name == field?.Name)?.Value;
        var isUntouched = field?.Value is { } value && suggested is { } known && JsonElement.DeepEquals(value, known);
        return isUntouched && beside.FirstOrDefault(one => one?.Name == field!.Name)?.Value is { } other ? field! with { Value = other } : field!;
    }

    private static RunRequirement? Asked(RunState state, RunRequirement answer) => (state.Output.Requirements ?? []).FirstOrDefault(requirement => requirement.Id == answer.Id);

    private static RunRequirement Screen(RunRequirement answer, Agent recorder) => recorder.Guardrails.IsEmpty
        ? answer
        : new RunRequirement { Id = answer.Id, CreatedAt = answer.CreatedAt, ToolExecution = InputCheck.Screen(recorder, [answer.ToAnswer()])!.Value[0] };

    private static IEnumerable<Agent> Recorders(RunState state, RunRequirement answer, Agent? agent)
    {
        IEnumerable<Agent> own = agent is null ? [] : [agent];
        if (Asked(state, answer) is not { } asked)
        {
            return own;
        }

        var below = Path(state, asked, agent).ToArray();
        return [.. own, .. below, .. below is [.., Team last] ? Within(last, asked.ToolExecution.ToolName) : []];
    }

    /// <summary>Gives the members from the team's own down to the one that made a call; none for a call of the leader.</summary>
    private static IEnumerable<Agent> Path(RunState state, RunRequirement asked, Agent? agent)
    {
        var member = asked.MemberRunId is { } runId && state.Team.Find(runId) is { } run ? (agent as Team)?.FindMember(run.MemberId) : null;
        foreach (var next in (asked.MemberPath ?? []).Append(string.Empty))
        {
            if (member is null)
            {
                yield break;
            }

            yield return member;
            member = (member as Team)?.FindMember(next);
        }
    }

    /// <summary>Finds the tool that a call is of, which knows what may be left out.</summary>
    private static Tool? ToolOf(RunState state, RunRequirement asked, Agent? agent)
    {
        var name = asked.ToolExecution.ToolName;
        return asked.MemberRunId is null
            ? agent?.NamingIn(state.ToolNames).Tools.FirstOrDefault(tool => tool.Name == name)
            : Path(state, asked, agent).LastOrDefault()?.OfferedTools.FirstOrDefault(tool => tool.Name == name);
    }

    /// <summary>Of a leader that has no such tool, one of the members below made the call: pauses of earlier versions do not say which, so every one that may have is asked.</summary>
    private static IEnumerable<Agent> Within(Team team, string? tool) => team.OfferedTools.Any(one => one.Name == tool) ? [] : team.Members.SelectMany(member =>
    {
        var inner = member is Team below ? Within(below, tool).ToArray() : [];
        return inner.Length > 0 || member.ToolSources.Any() || member.OfferedTools.Any(one => one.Name == tool) ? inner.Prepend(member) : [];
    });
}
