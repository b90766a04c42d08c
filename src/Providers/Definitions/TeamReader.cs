using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Teams;

namespace Cluster.Providers.Definitions;

/// <summary>Reads what only teams have.</summary>
/// <param name="team">The team's mapping.</param>
/// <param name="owner">What it is called in messages.</param>
internal sealed class TeamReader(YamlMap team, string owner)
{
    public Team Read(ImmutableArray<Agent> members)
    {
        var mode = ReadMode();
        var iterations = team.Integer("max_iterations", 1);
        if (iterations is not null && mode != TeamMode.Tasks)
        {
            throw team.Error(team.Node("max_iterations")!, $"{owner} has 'max_iterations', which are for the mode tasks. Take it away, or write 'mode: tasks'.");
        }

        return new Team
        {
            Members = members,
            Mode = mode,
            MaxIterations = iterations ?? new Team().MaxIterations,
            Delegation = ReadDelegation(),
        };
    }

    private DelegationSettings ReadDelegation() => new()
    {
        DetermineInput = team.OptionalFlag("determine_input_for_members") ?? DelegationSettings.Default.DetermineInput,
        AddHistory = team.Flag("add_team_history_to_members"),
        HistoryRuns = team.Integer("num_team_history_runs", 1) ?? DelegationSettings.Default.HistoryRuns,
        ShareInteractions = team.Flag("share_member_interactions"),
        DescribeTools = team.Flag("add_member_tools_to_context"),
        InformationTool = team.Flag("get_member_information_tool"),
        StreamEvents = team.OptionalFlag("stream_member_events") ?? DelegationSettings.Default.StreamEvents,
        ShowResponses = team.Flag("show_members_responses"),
        AtOnce = team.Integer("max_members_at_once", 1) ?? DelegationSettings.Default.AtOnce,
    };

    /// <summary>Agno's older flags say the same as a mode; where they say something else than it, nobody knows what is meant.</summary>
    private TeamMode ReadMode()
    {
        var mode = team.Text("mode") switch
        {
            null => (TeamMode?)null,
            "coordinate" => TeamMode.Coordinate,
            "route" => TeamMode.Route,
            "broadcast" => TeamMode.Broadcast,
            "tasks" => TeamMode.Tasks,
            { } other => throw team.Error(team.Node("mode")!, $"'{other}' of {YamlError.Within(owner)} is no mode of a team. Write coordinate, route, broadcast or tasks."),
        };
        var (directly, all) = (team.OptionalFlag("respond_directly"), team.OptionalFlag("delegate_to_all_members"));
        if (directly == true && all == true)
        {
            throw team.Error(team.Node("delegate_to_all_members")!, $"{owner} has both 'respond_directly' and 'delegate_to_all_members': one member answers, or all do. Write 'mode: route' or 'mode: broadcast' instead.");
        }

        Demand("respond_directly", directly, mode, TeamMode.Route);
        Demand("delegate_to_all_members", all, mode, TeamMode.Broadcast);
        return mode ?? (directly == true ? TeamMode.Route : all == true ? TeamMode.Broadcast : TeamMode.Coordinate);
    }

    private void Demand(string key, bool? flag, TeamMode? mode, TeamMode meant)
    {
        if (flag is { } isOn && mode is { } set && isOn != (set == meant))
        {
            throw team.Error(team.Node(key)!, $"{owner} has 'mode: {Text(set)}' and '{key}: {(isOn ? "true" : "false")}', which contradict each other. Take '{key}' away.");
        }
    }

    private static string Text(TeamMode mode) => mode.ToString().ToLowerInvariant();
}
