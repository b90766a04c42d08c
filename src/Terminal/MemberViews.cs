using System.Text;
using Cluster.Engine.Runs;

namespace Cluster.Terminal;

/// <summary>What the members of a team have said so far, in the order in which they began; members of teams inside of it stand beside them.</summary>
internal sealed class MemberViews
{
    private readonly List<Member> _members = [];

    /// <summary>Gets the members that have said something, with what they have said.</summary>
    public IEnumerable<(string Name, string Text)> Answers => _members.Where(member => member.Text.Length > 0).Select(member => (member.Name, member.Text.ToString()));

    /// <summary>Gives what a member has said in a line of its own.</summary>
    public string ToText(string runId) => _members.Find(one => one.RunId == runId) is { } member ? $"[{member.Name}: {member.Text}]\n" : string.Empty;

    public void Apply(AgentEvent next)
    {
        var member = Of(next.RunId!, next.AgentName ?? next.TeamName ?? next.AgentId ?? next.TeamId);
        switch (next)
        {
            case RunError error:
                member.Text.Clear().Append("Error: ").Append(error.Content);
                break;
            case RunCompleted { Content: { } content }:
                member.Text.Clear().Append(ResponseView.ToText(content));
                break;
            default:
                member.Text.Append(ResponseView.Said(next));
                break;
        }
    }

    /// <summary>Takes in the members whose events were not told.</summary>
    public void Complete(IEnumerable<RunOutput> responses)
    {
        foreach (var response in responses)
        {
            var member = Of(response.RunId, response.ComponentName ?? response.ComponentId);
            if (member.Text.Length == 0 && response.Content is { } content)
            {
                member.Text.Append(ResponseView.ToText(content));
            }

            Complete(response.MemberResponses ?? []);
        }
    }

    private Member Of(string runId, string? name)
    {
        if (_members.Find(one => one.RunId == runId) is { } known)
        {
            return known;
        }

        var member = new Member(runId, name ?? "Member", new StringBuilder());
        _members.Add(member);
        return member;
    }

    private sealed record Member(string RunId, string Name, StringBuilder Text);
}
