using System.ComponentModel;
using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Teams.Tasks;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Teams;

/// <summary>
/// The tools with which a leader hands tasks to members. A call that is repeated after a crash finds the runs that it started before, by its key;
/// a time limit for tools does not apply to them.
/// </summary>
internal static class TeamTools
{
    private static readonly ToolOptions Options = new() { Effect = ToolEffect.Keyed, Timeout = Timeout.InfiniteTimeSpan };

    private static readonly Tool ToMember = Tool.Create(DelegateTaskToMember, Options);
    private static readonly Tool ToOneMember = Tool.Create(DelegateTaskToMember, Options with { StopAfterCall = true });
    private static readonly Tool ToMembers = Tool.Create(DelegateTaskToMembers, Options);
    private static readonly Tool Information = Tool.Create(GetMemberInformation, new ToolOptions { Effect = ToolEffect.Pure });

    /// <summary>Tells whether a tool hands tasks to members.</summary>
    /// <param name="name">The tool's name.</param>
    public static bool IsDelegating(string name) => name == ToMember.Name || name == ToMembers.Name || TaskTools.IsDelegating(name);

    /// <summary>Gives the tools of a team's leader.</summary>
    /// <param name="team">The team.</param>
    public static IEnumerable<Tool> Of(Team team)
    {
        IEnumerable<Tool> delegating = team.Mode switch
        {
            TeamMode.Broadcast => [ToMembers],
            TeamMode.Route => [ToOneMember],
            TeamMode.Tasks => TaskTools.All,
            _ => [ToMember],
        };
        foreach (var tool in delegating)
        {
            yield return tool;
        }

        if (team.Delegation.InformationTool)
        {
            yield return Information;
        }
    }

    [Description("Hands a task to one member of the team and gives what the member answers. Say what is to be done and what the answer should look like.")]
    private static Task<ToolResult> DelegateTaskToMember(
        [Description("The member's id, as it stands in the list of members.")] string member_id,
        [Description("What the member has to do, in words that need no other context.")] string task,
        RunContext context,
        CancellationToken cancellationToken) => DelegationOf(context).ToMemberAsync(context, member_id, task, cancellationToken);

    [Description("Hands a task to all members of the team at the same time and gives what each of them answers.")]
    private static Task<ToolResult> DelegateTaskToMembers(
        [Description("What the members have to do, in words that need no other context.")] string task,
        RunContext context,
        CancellationToken cancellationToken) => DelegationOf(context).ToAllAsync(context, task, cancellationToken);

    [Description("Tells who the members of the team are, what they are for and which tools they have.")]
    private static string GetMemberInformation(RunContext context)
    {
        var text = new StringBuilder();
        TeamPrompt.Describe(text, DelegationOf(context).Team, depth: 0, withTools: true);
        return text.ToString();
    }

    /// <summary>Gives what a leader hands tasks to members with.</summary>
    /// <exception cref="InvalidRequestException">Somebody else calls a tool of leaders.</exception>
    internal static Delegation DelegationOf(RunContext context) =>
        context.Delegation ?? throw new InvalidRequestException("Only the leader of a team has members to hand tasks to.");
}
