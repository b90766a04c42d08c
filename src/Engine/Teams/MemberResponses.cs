using System.Collections.Immutable;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams;

/// <summary>Gives what the members of a team did. Their runs have records of their own, which are read when somebody wants to see them with the team's.</summary>
/// <param name="records">The records.</param>
public sealed class MemberResponses(IRunRecords records)
{
    /// <summary>Puts the runs of members into a team's; an agent's stays as it is.</summary>
    /// <param name="output">The run.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The run with those of its members, in the order in which they were engaged.</returns>
    public async Task<RunOutput> AttachAsync(RunOutput output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        return output is { TeamId: not null, MemberResponses: null } ? output with { MemberResponses = await ReadAsync(output, cancellationToken) } : output;
    }

    /// <summary>Reads the runs of a team's members, with those of theirs.</summary>
    /// <param name="team">The team's run.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The runs, in the order in which they were engaged, at every depth; null without any.</returns>
    public async Task<ImmutableArray<RunOutput>?> ReadAsync(RunOutput team, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(team);
        var (inherited, own) = (await ReadInheritedAsync(team, cancellationToken), await ReadOwnAsync(team, cancellationToken));
        return inherited.IsEmpty && own.IsEmpty ? null : [.. inherited, .. own];
    }

    private async Task<ImmutableArray<RunOutput>> ReadOwnAsync(RunOutput team, CancellationToken cancellationToken)
    {
        var members = await records.ListAsync(new RunQuery(team.SessionId!) { ParentRunId = team.RunId }, cancellationToken);

        // Those of calls that were made together may have been accepted in any order; records of earlier versions do not say more.
        var places = (team.MemberRuns ?? []).Index().ToDictionary(run => run.Item, run => run.Index, StringComparer.Ordinal);
        var attached = await Task.WhenAll(members.OrderBy(member => places.GetValueOrDefault(member.Output.RunId, int.MaxValue)).Select(member => AttachAsync(member.Output, cancellationToken)));
        return [.. attached.Select(member => member with { MemberCosts = null, MemberRuns = null })];
    }

    /// <summary>A run that goes on in the place of another one shows what the members of that one did, too, as AgentOS has it.</summary>
    private async Task<ImmutableArray<RunOutput>> ReadInheritedAsync(RunOutput team, CancellationToken cancellationToken)
    {
        ImmutableArray<RunOutput> inherited = [];
        var from = team.ForkedFromRunId;
        while (from is not null && await records.FindAsync(from, cancellationToken) is { Output: { TeamId: not null } earlier } && earlier.SessionId == team.SessionId)
        {
            inherited = [.. await ReadOwnAsync(earlier, cancellationToken), .. inherited];
            from = earlier.ForkedFromRunId;
        }

        return inherited;
    }
}
