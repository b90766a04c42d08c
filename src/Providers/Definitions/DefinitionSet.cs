using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Teams;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>The agents and teams of a file, which name one another as members.</summary>
internal sealed class DefinitionSet
{
    /// <summary>Teams that are members of many teams stand for more than they look like.</summary>
    private const int MostMembers = 10_000;

    private readonly YamlMap _file;
    private readonly Dictionary<string, Definition> _agents;
    private readonly Dictionary<string, Definition> _teams;
    private int _members;

    /// <summary>Reads who there is, and who is a member of whom.</summary>
    /// <exception cref="InvalidRequestException">Two have the same id, or a team has an unknown member, itself for one, or too many below it.</exception>
    public DefinitionSet(YamlMap file)
    {
        _file = file;
        _agents = Define("agents", "agent", (node, owner, known) => new AgentReader(file.Map(node, owner), owner).Read(known, new Agent()));
        _teams = Define("teams", "team", ReadTeam);
        foreach (var team in _teams.Values)
        {
            Demand(file.Map(team.Node, team.Owner), team.Owner, [team.Id]);
        }
    }

    /// <summary>Gets what makes them: the agents in the order of the file, and then the teams.</summary>
    public ImmutableArray<Func<KnownTools, Agent>> All => [.. _agents.Values.Concat(_teams.Values).Select<Definition, Func<KnownTools, Agent>>(one => one.Build)];

    private Dictionary<string, Definition> Define(string key, string kind, Func<YamlNode, string, KnownTools, Agent> read)
    {
        var all = new Dictionary<string, Definition>(StringComparer.Ordinal);
        foreach (var (index, node) in _file.List(key).Index())
        {
            var title = $"{char.ToUpperInvariant(kind[0])}{kind[1..]} {index + 1}";
            var map = _file.Map(node, title);
            var owner = NameOf(map) is { } name ? $"The {kind} '{name}'" : title;
            var id = IdOf(map, kind == "team");
            if (!all.TryAdd(id, new Definition(node, owner, id, known => read(node, owner, known))))
            {
                throw _file.Error(node, $"{owner} has the id '{id}' of the {kind} in line {all[id].Node.Start.Line}. Give one of them another id.");
            }
        }

        return all;
    }

    private Team ReadTeam(YamlNode node, string owner, KnownTools known)
    {
        var team = _file.Map(node, owner);
        var members = team.List("members").Select((member, index) => ReadMember(team, member, index, owner, known)).ToImmutableArray();
        return (Team)new AgentReader(team, owner).Read(known, new TeamReader(team, owner).Read(members));
    }

    /// <summary>A text is an id; a mapping is the member itself, and with members of its own a team.</summary>
    private Agent ReadMember(YamlMap team, YamlNode member, int index, string owner, KnownTools known)
    {
        if (member is YamlScalarNode)
        {
            return Find(team, member, owner).Build(known);
        }

        var (map, name) = Inline(team, member, index, owner);
        return map.Node("members") is null ? new AgentReader(map, name).Read(known, new Agent()) : ReadTeam(member, name, known);
    }

    /// <summary>Follows the members down, so that whatever is wrong is known before anything is made.</summary>
    private void Demand(YamlMap team, string owner, ImmutableArray<string> above)
    {
        if (above.Length > AgentCatalog.MaxDepth)
        {
            throw team.Error($"{owner} stands inside of {above.Length - 1} teams: {string.Join(" > ", above)}. At most {AgentCatalog.MaxDepth} may stand one inside the other.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, member) in team.List("members").Index())
        {
            if (++_members > MostMembers)
            {
                throw team.Error(member, $"The teams of the file have more than {MostMembers} members, those of teams in teams counted. Take some away.");
            }

            var id = Demand(team, member, index, owner, above);
            if (!seen.Add(id))
            {
                throw team.Error(member, $"{owner} has two members with the id '{id}'. Take one away, or give it another id.");
            }
        }

        if (seen.Count == 0)
        {
            throw team.Error($"{owner} has no 'members'. Add the ids of agents or teams of this file, or agents themselves.");
        }
    }

    /// <returns>The member's id.</returns>
    private string Demand(YamlMap team, YamlNode member, int index, string owner, ImmutableArray<string> above)
    {
        if (member is not YamlScalarNode)
        {
            var (map, name) = Inline(team, member, index, owner);
            var isTeam = map.Node("members") is not null;
            var own = IdOf(map, isTeam);
            if (isTeam)
            {
                Demand(map, name, above.Add(own));
            }

            return own;
        }

        var found = Find(team, member, owner);
        if (_teams.GetValueOrDefault(found.Id) != found)
        {
            return found.Id;
        }

        if (above.Contains(found.Id))
        {
            throw team.Error(member, $"{owner} is a member of itself: {string.Join(" > ", above.SkipWhile(id => id != found.Id).Append(found.Id))}. Take one of them out.");
        }

        Demand(_file.Map(found.Node, found.Owner), found.Owner, above.Add(found.Id));
        return found.Id;
    }

    private Definition Find(YamlMap team, YamlNode member, string owner)
    {
        var id = ((YamlScalarNode)member).Value ?? string.Empty;
        return (_agents.GetValueOrDefault(id), _teams.GetValueOrDefault(id)) switch
        {
            ({ }, { }) => throw team.Error(member, $"{owner} has the member '{id}', and both an agent and a team have that id. Give one of them another id."),
            ({ } agent, null) => agent,
            (null, { } found) => found,
            _ => throw team.Error(member, $"{owner} has the unknown member '{id}'. {YamlError.Suggest(id, _agents.Keys.Concat(_teams.Keys))}"),
        };
    }

    private static (YamlMap Map, string Owner) Inline(YamlMap team, YamlNode member, int index, string owner)
    {
        var title = $"Member {index + 1} of {YamlError.Within(owner)}";
        var map = team.Map(member, title);
        return NameOf(map) is { } name ? (team.Map(member, $"The member '{name}'"), $"The member '{name}'") : (map, title);
    }

    private static string? NameOf(YamlMap map) => map.Text("id") ?? map.Text("name");

    private static string IdOf(YamlMap map, bool isTeam)
    {
        var blank = isTeam ? new Team() : new Agent();
        return (blank with { Id = map.Text("id"), Name = map.Text("name") }).AgentId;
    }
}
