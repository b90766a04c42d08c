using Cluster.Api.Agents;
using Cluster.Engine.Agents;
using Cluster.Engine.Teams;

namespace Cluster.Api.Teams;

/// <summary>Shows teams: a leader, shown as an agent is, and the members.</summary>
/// <param name="agents">Shows agents.</param>
internal sealed class TeamResponses(AgentResponses agents)
{
    public TeamResponse Of(Team team)
    {
        var leader = agents.Of(team);
        return new TeamResponse
        {
            Id = leader.Id,
            Name = leader.Name,
            DbId = leader.DbId,
            Description = leader.Description,
            Role = leader.Role,
            Mode = team.Mode,
            Model = leader.Model,
            Tools = leader.Tools,
            Sessions = leader.Sessions,
            Reasoning = leader.Reasoning,
            DefaultTools = team.Delegation.InformationTool ? new TeamToolsResponse(true) : null,
            SystemMessage = leader.SystemMessage is { } message && message with { AddNameToContext = null, TimezoneIdentifier = null } is { IsDefault: false } told ? told : null,
            ResponseSettings = team.Output.Schema is { } schema ? new ResponseSettingsResponse { OutputSchemaName = schema.ContentType } : null,
            Streaming = team.Delegation.StreamEvents ? new TeamStreamResponse(true) : null,
            Members = [.. team.Members.Select(member => OfMember(team, member))],
            Metadata = leader.Metadata,
            InputSchema = team.InputSchema,
        };
    }

    /// <summary>A member has no sessions of its own: its runs are kept in its team's.</summary>
    private MemberResponse OfMember(Team team, Agent member) => team.FindMember(member.AgentId) switch
    {
        Team inner => new MemberResponse(null, Of(inner) with { DbId = null, Sessions = null }),
        var agent => new MemberResponse(agents.Of(agent!) with { DbId = null, Sessions = null }, null),
    };
}
