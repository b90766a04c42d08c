using System.Text;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Teams;

/// <summary>What a leader is told of its team, in Agno's order (agent_semantics 3.2 of the contract); the wording is our own.</summary>
internal static class TeamPrompt
{
    /// <summary>Gives the parts of the system message that go before everything else.</summary>
    /// <param name="team">The team.</param>
    public static IEnumerable<string> Of(Team team)
    {
        yield return "You lead a team. Answer yourself what you can; hand over what a member is made for.";
        var members = new StringBuilder("<team_members>\n");
        Describe(members, team, depth: 0, team.Delegation.DescribeTools);
        if (team.Delegation.InformationTool)
        {
            members.Append("get_member_information tells more about them.\n");
        }

        yield return members.Append("</team_members>").ToString();
        yield return $"<how_to_respond>\n{HowToRespond(team.Mode)}\n</how_to_respond>";
    }

    /// <summary>Says what came with the task, which members get with theirs; null when nothing did.</summary>
    /// <param name="input">What the team works on.</param>
    public static string? MediaOf(RunInput input)
    {
        var lines = new[] { ("Images", input.Images), ("Audio", input.Audios), ("Videos", input.Videos), ("Files", input.Files) }
            .Where(kind => kind.Item2 is { IsEmpty: false })
            .Select(kind => $"- {kind.Item1}: {string.Join(", ", kind.Item2!.Value.Select((media, index) => media.Filename ?? media.Id ?? media.Url ?? $"number {index + 1}"))}");
        return string.Join('\n', lines) is { Length: > 0 } list ? $"These came with the task. Every member gets them with its own.\n{list}" : null;
    }

    /// <summary>Describes the members of a team, and theirs.</summary>
    public static void Describe(StringBuilder text, Team team, int depth, bool withTools)
    {
        foreach (var member in team.Members)
        {
            Describe(text, member, depth, withTools);
        }
    }

    private static void Describe(StringBuilder text, Agent member, int depth, bool withTools)
    {
        var indent = new string(' ', depth * 2);
        var inner = member as Team;
        text.Append(indent).Append("<member id=\"").Append(member.AgentId).Append("\" name=\"").Append(member.Name ?? member.AgentId).Append('"')
            .Append(inner is null ? string.Empty : " type=\"team\"").Append(">\n");
        Line("Role", member.Role);
        Line("Description", member.Description);
        Line("Tools", withTools ? string.Join(", ", member.OfferedTools.Select(tool => tool.Name)) : null);
        if (inner is not null)
        {
            Describe(text, inner, depth + 1, withTools);
        }

        text.Append(indent).Append("</member>\n");

        void Line(string label, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(indent).Append("  ").Append(label).Append(": ").Append(value).Append('\n');
            }
        }
    }

    private static string HowToRespond(TeamMode mode) => mode switch
    {
        TeamMode.Route => """
            Choose the one member who fits best and call delegate_task_to_member once. Its answer goes to the user as it is, so do not add to it.
            Only answer yourself when no member is needed.
            """,
        TeamMode.Broadcast => """
            Call delegate_task_to_members once to have every member work on the task at the same time. Word it so that each can answer without the others.
            Then give one answer that brings theirs together: where they agree, what each adds, and what you make of contradictions.
            """,
        TeamMode.Tasks => """
            Keep a list of tasks and work through it until the goal is reached:
            - Split the goal with create_task. Name an assignee, and in depends_on the tasks that have to be done before.
            - Have members work with execute_task, or with execute_tasks_parallel on tasks that do not wait for one another.
            - Look at what came of it, add or change tasks where that is needed, and note what matters with add_task_note.
            - When the goal is reached, call mark_all_complete with a summary and answer the user.
            """,
        _ => """
            Choose the members whom the task needs and call delegate_task_to_member for each; calls that do not need one another's results can be made together.
            Word each task so that the member needs no other context. Then give one answer made of what they say, in your own words.
            """,
    };
}
