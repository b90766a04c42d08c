using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams.Tasks;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Teams;

/// <summary>What the events of members do to the state of their team's run.</summary>
internal static class TeamFold
{
    public static RunState Apply(RunState state, RunEvent next) => next switch
    {
        MembersEngaged engaged => Engage(state, engaged),
        MembersHeard heard => Record(state, heard),
        MemberSettled settled => Settle(state, settled),
        _ => TaskIterations.Fold(state, next),
    };

    /// <summary>Takes in an event of a member that the team tells.</summary>
    public static RunState Hear(RunState state, HeardEvent heard)
    {
        var place = state.Team.Places[heard.RunId];
        var member = state.Team.Runs[place];
        return state with
        {
            Team = state.Team with
            {
                Runs = heard.Index > member.HeardUpTo ? state.Team.Runs.SetItem(place, member with { HeardUpTo = heard.Index }) : state.Team.Runs,
                Unrecorded = HeardSlice.Add(state.Team.Unrecorded, place, heard.Index, heard.AsOwn),
            },
        };
    }

    /// <summary>Takes in the answers that a human gave to members.</summary>
    public static RunState Answer(RunState state, ImmutableArray<MemberAnswers> answers) => state with
    {
        Team = state.Team with
        {
            Answers = answers,
            IsContinuing = true,
            Runs = [.. state.Team.Runs.Select(run => answers.Any(answer => answer.RunId == run.RunId) ? run with { Status = null } : run)],
        },
        Output = state.Output with { Requirements = Resolve(state.Output.Requirements, answers) },
    };

    private static RunState Engage(RunState state, MembersEngaged engaged)
    {
        var added = engaged.Members.Where(member => !state.Team.Places.ContainsKey(member.RunId)).ToArray();
        return state with
        {
            Team = Engage(state.Team, engaged, added),
            Output = state.Output with { MemberRuns = (state.Output.MemberRuns ?? []).AddRange(added.Select(member => member.RunId)) },
        };
    }

    private static TeamWork Engage(TeamWork work, MembersEngaged engaged, EngagedMember[] added)
    {
        return work with
        {
            Runs = work.Runs.AddRange(added.Select(member =>
                new MemberRun(member.RunId, member.MemberId, member.Name, engaged.ToolCallId) { SessionState = engaged.SessionState })),
            Places = work.Places.AddRange(added.Select((member, index) => KeyValuePair.Create(member.RunId, work.Runs.Count + index))),
        };
    }

    /// <summary>What was live is in the log now. Whoever folds the log learns from it how far each member was heard.</summary>
    private static RunState Record(RunState state, MembersHeard heard)
    {
        var live = 0L;
        for (var slice = state.Team.Unrecorded; slice is not null; slice = slice.Earlier)
        {
            live += slice.Count;
        }

        var runs = state.Team.Runs.ToBuilder();
        var recorded = 0L;
        foreach (var (place, first, count, _) in heard.Rows())
        {
            recorded += count;
            runs[place] = runs[place] with { HeardUpTo = Math.Max(runs[place].HeardUpTo, first + count - 1) };
        }

        return state with { NextEventIndex = state.NextEventIndex - live + recorded, Team = state.Team with { Runs = runs.ToImmutable(), Unrecorded = null } };
    }

    private static RunState Settle(RunState state, MemberSettled settled)
    {
        var place = state.Team.Places[settled.RunId];
        var known = state.Team.Runs[place];
        var work = state.Team with
        {
            Runs = state.Team.Runs.SetItem(place, known with { Status = settled.Status, Costs = settled.Costs }),
            Answers = state.Team.Answers.RemoveAll(answer => answer.RunId == settled.RunId),
        };
        var requirements = state.Output.Requirements;
        return state with
        {
            Team = work,
            Output = state.Output with
            {
                MemberCosts = Add(state.Output.MemberCosts ?? RunMetrics.None, known.Costs, settled.Costs),
                Requirements = settled.Requirements is { } added ? Put(work, requirements ?? [], added) : requirements,
            },
        };
    }

    /// <summary>What a run cost up to its pause is a part of what it costs in the end.</summary>
    private static RunMetrics Add(RunMetrics sum, RunMetrics? before, RunMetrics? now)
    {
        sum = before is null ? sum : sum.Less(before);
        return now is null ? sum : sum.Add(now);
    }

    /// <summary>In the order of the members, so that it does not depend on who was faster; what the leader itself waits for comes last.</summary>
    private static ImmutableArray<RunRequirement> Put(TeamWork work, ImmutableArray<RunRequirement> known, ImmutableArray<RunRequirement> added) =>
    [
        .. known.Where(one => added.All(other => other.Id != one.Id)).Concat(added)
            .OrderBy(requirement => requirement.MemberRunId is { } runId ? work.Places.GetValueOrDefault(runId, int.MaxValue) : int.MaxValue),
    ];

    private static ImmutableArray<RunRequirement>? Resolve(ImmutableArray<RunRequirement>? requirements, ImmutableArray<MemberAnswers> answers) =>
        requirements is { } all
            ? [.. all.Select(requirement => answers.SelectMany(answer => answer.Requirements).FirstOrDefault(answer => answer.Id == requirement.Id) is { } answer ? AnswerFold.MarkAnswered(answer) : requirement)]
            : null;
}
