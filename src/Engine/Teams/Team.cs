using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Cluster.Engine.Agents;
using Cluster.Engine.Caching;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Teams;

/// <summary>
/// The definition of a team: a leader, which is all that an agent is, and members to whom it delegates. Members are agents or teams; one without a model
/// takes the team's.
/// </summary>
public sealed record Team : Agent
{
    private Memo<Dictionary<string, Agent>> _effective;

    /// <summary>Gets the members, agents or teams, each with an id of its own.</summary>
    public ImmutableArray<Agent> Members { get; init; } = [];

    /// <summary>Gets how the team works on a task.</summary>
    public TeamMode Mode { get; init; }

    /// <summary>Gets how tasks are handed to members, and what of their work is seen.</summary>
    public DelegationSettings Delegation { get; init; } = DelegationSettings.Default;

    /// <summary>Gets how often the leader of a team in the mode <see cref="TeamMode.Tasks"/> may look at its list before the run ends. The default is 10.</summary>
    [Range(1, 1_000)]
    public int MaxIterations { get; init; } = 10;

    /// <inheritdoc/>
    internal override IEnumerable<ToolCandidate> Candidates => base.Candidates.Concat(TeamTools.Of(this).Select(tool => new ToolCandidate(tool, ToolCandidate.Product, ToolOrigin.Product)));

    /// <inheritdoc/>
    protected override string DefaultId => "team";

    /// <summary>Looks a member up.</summary>
    /// <param name="memberId">The member's id.</param>
    /// <returns>The member as it runs in this team; null when there is none.</returns>
    public Agent? FindMember(string memberId) => EffectiveMembers.GetValueOrDefault(memberId);

    /// <summary>Gives a member as it runs in this team.</summary>
    internal Agent Effective(Agent member) => EffectiveMembers.GetValueOrDefault(member.AgentId) ?? WithModel(member);

    /// <summary>Gets the members as they run in this team, by their ids. Of members with the same id it is the first.</summary>
    private Dictionary<string, Agent> EffectiveMembers => _effective.Of(
        this, static team => team.Members.DistinctBy(member => member.AgentId, StringComparer.Ordinal).ToDictionary(member => member.AgentId, team.WithModel, StringComparer.Ordinal));

    private Agent WithModel(Agent member) => member.Model is null && Model is not null ? member with { Model = Model } : member;
}

/// <summary>How tasks are handed to members, and what of their work is seen.</summary>
public sealed record DelegationSettings
{
    /// <summary>Gets the settings that change nothing.</summary>
    public static DelegationSettings Default { get; } = new();

    /// <summary>Gets a value indicating whether the leader words the tasks of members; otherwise they get the team's input as it is. The default is true.</summary>
    public bool DetermineInput { get; init; } = true;

    /// <summary>Gets a value indicating whether members are told earlier runs of the team in the session.</summary>
    public bool AddHistory { get; init; }

    /// <summary>Gets how many runs of the team members are told. The default is 3.</summary>
    [Range(1, 10_000)]
    public int HistoryRuns { get; init; } = 3;

    /// <summary>
    /// Gets a value indicating whether members are told what members have been asked and have answered before in the same run. Tasks that
    /// the leader hands out in one turn are not told one another.
    /// </summary>
    public bool ShareInteractions { get; init; }

    /// <summary>Gets a value indicating whether the leader is told the tools of the members.</summary>
    public bool DescribeTools { get; init; }

    /// <summary>Gets a value indicating whether the leader has a tool that tells it about the members.</summary>
    public bool InformationTool { get; init; }

    /// <summary>Gets a value indicating whether the events of members are part of the team's. The default is true.</summary>
    public bool StreamEvents { get; init; } = true;

    /// <summary>Gets a value indicating whether terminals show what members answer.</summary>
    public bool ShowResponses { get; init; }

    /// <summary>Gets how many members of one run work at the same time; further ones wait for their turn. The default is 256.</summary>
    [Range(1, 100_000)]
    public int AtOnce { get; init; } = 256;
}
