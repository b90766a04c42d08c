using System.Collections;
using System.Reflection;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Contract.Tests.Golden;

public sealed class EventGoldenTests
{
    /// <summary>The members that every public event begins with, and what may not stand among them.</summary>
    private static readonly string[] Head = ["created_at", "event", "KIND_id", "KIND_name", "run_id", "parent_run_id", "session_id", "nested_depth"];

    /// <summary>Members that only events of agents, or only those of teams, have.</summary>
    private static readonly string[] OfAgents = [nameof(AgentEvent.AgentId), nameof(AgentEvent.AgentName), nameof(RunContent.WorkflowAgent)];
    private static readonly string[] OfTeams = [nameof(AgentEvent.TeamId), nameof(AgentEvent.TeamName), nameof(RunCompleted.MemberResponses)];

    public static TheoryData<string> EventNames => [.. RunEventTypes.All.SelectMany(NamesOf)];

    public static TheoryData<string> PublicEventNames => [.. RunEventTypes.All.Where(IsPublic).SelectMany(NamesOf)];

    public static TheoryData<string> MinimalEventNames => [.. RunEventTypes.All.Where(IsPublic).Select(type => NamesOf(type).First())];

    [Theory]
    [MemberData(nameof(EventNames))]
    public void A_full_event_is_written_as_its_golden_file_says(string name) =>
        GoldenFile.Verify($"events/{name}.json", Write(Filled(name)));

    [Theory]
    [MemberData(nameof(MinimalEventNames))]
    public void A_minimal_public_event_is_written_as_its_golden_file_says(string name) =>
        GoldenFile.Verify($"events/{name}.minimal.json", Write(Minimal(name)));

    [Theory]
    [MemberData(nameof(EventNames))]
    public void An_event_comes_back_from_its_json_as_it_was(string name)
    {
        var written = Write(Filled(name));

        var read = JsonSerializer.Deserialize(written, EngineJson.Context.RunEvent)!;

        Assert.Equal(Filled(name).GetType(), read.GetType());
        Assert.Equal(written, Write(read));
    }

    [Theory]
    [MemberData(nameof(EventNames))]
    public void The_full_event_leaves_no_member_empty(string name)
    {
        var sample = Filled(name);
        var others = IsOfTeam(name) ? OfAgents : OfTeams;
        var empty = sample.GetType().GetProperties()
            .Where(member => member.SetMethod is not null && member.Name is not (nameof(RunEvent.EventIndex) or nameof(RunEvent.CreatedAt) or nameof(RunEvent.Heard)) && !others.Contains(member.Name))
            .Where(member => IsEmpty(member, sample)).Select(member => member.Name);

        Assert.Empty(empty);
    }

    [Theory]
    [MemberData(nameof(PublicEventNames))]
    public void A_public_event_has_the_members_of_every_event_first_and_its_index_last(string name)
    {
        var members = JsonElement.Parse(Write(Filled(name))).EnumerateObject().Select(member => member.Name).ToArray();

        Assert.Equal(Head.Select(member => member.Replace("KIND", IsOfTeam(name) ? "team" : "agent", StringComparison.Ordinal)), members[..Head.Length]);
        // Members that a tool chose are written behind all others.
        Assert.Equal("event_index", name == nameof(CustomEvent) ? members[^2] : members[^1]);
    }

    [Theory]
    [MemberData(nameof(EventNames))]
    public void An_event_is_named_like_its_type(string name) => Assert.Equal(name, (IsOfTeam(name) ? "Team" : string.Empty) + Filled(name).GetType().Name);

    [Fact]
    public void No_golden_file_is_left_of_an_event_that_is_gone()
    {
        var known = RunEventTypes.All.SelectMany(NamesOf).SelectMany(name => new[] { $"{name}.json", $"{name}.minimal.json" });

        Assert.Empty(GoldenFile.Unknown("events", known));
    }

    private static bool IsPublic(Type type) => type.IsAssignableTo(typeof(AgentEvent));

    private static bool IsOfTeam(string name) => name.StartsWith("Team", StringComparison.Ordinal);

    /// <summary>Events of agents' runs happen in teams' runs, too; those about tasks only there.</summary>
    private static IEnumerable<string> NamesOf(Type type) => type switch
    {
        _ when !IsPublic(type) || type == typeof(CustomEvent) => [type.Name],
        { Namespace: "Cluster.Engine.Teams.Tasks" } => [$"Team{type.Name}"],
        _ => [type.Name, $"Team{type.Name}"],
    };

    private static RunEvent Filled(string name) => Sample(EventSamples.Filled, name);

    private static AgentEvent Minimal(string name) => Sample(EventSamples.Minimal, name);

    private static T Sample<T>(IEnumerable<T> samples, string name)
        where T : RunEvent
    {
        var sample = samples.SingleOrDefault(sample => sample.Event == name);
        Assert.True(sample is not null, $"{nameof(EventSamples)} has no {name}. Add one in which every member holds something.");
        return sample;
    }

    private static string Write(RunEvent next) => JsonSerializer.Serialize(next, EngineJson.Context.RunEvent);

    private static bool IsEmpty(PropertyInfo member, RunEvent sample) => member.GetValue(sample) switch
    {
        null or "" or false or 0 or 0L or 0d => true,
        IEnumerable and not string and var many => !((IEnumerable)many).Cast<object>().Any(),
        _ => false,
    };
}
