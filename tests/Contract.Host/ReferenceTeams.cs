using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Contract.Host;

/// <summary>The teams that the recordings were made with, and two large ones for load.</summary>
public static class ReferenceTeams
{
    private const int Deltas = 4;

    /// <summary>Makes the teams of the recorded lists, in their order.</summary>
    /// <param name="modelClock">The clock by which slow models wait; tests bring their own.</param>
    /// <returns>The teams.</returns>
    public static IReadOnlyList<Team> Create(TimeProvider modelClock) =>
    [
        new()
        {
            Name = "Demo Team",
            Description = "Two members, every task goes to both.",
            Mode = TeamMode.Broadcast,
            Model = ToAll("Both members answered"),
            Members = [Member(1, "one"), Member(2, "two")],

            // The recorded model never waited: the first member had said everything before the second one began.
            Delegation = new DelegationSettings { AtOnce = 1 },
        },
        new() { Name = "Route Team", Model = ToOne("member-2", "Member two answered"), Members = [Member(1, "one"), Member(2, "two")] },
        new() { Name = "Confirm Team", Model = ToOne("deleter", "The team is done"), Members = [Deleter] },
        new()
        {
            Name = "Slow Team",
            Mode = TeamMode.Broadcast,
            Model = ToAll("Both members answered", TimeSpan.FromSeconds(0.5), modelClock),
            Members = [Member(1, "one", TimeSpan.FromSeconds(0.5), modelClock), Member(2, "two", TimeSpan.FromSeconds(2), modelClock)],
        },
        new()
        {
            Name = "Error Team",
            Mode = TeamMode.Broadcast,
            Model = ToAll("One of them answered: {result}"),
            Members = [Member(1, "one"), new Agent { Name = "Broken", Model = Model(new Script { Failure = "The provider is down" }) }],
        },
    ];

    /// <summary>Makes the teams for load: many members, each of whom takes a moment, all at work at once.</summary>
    /// <param name="modelClock">The clock by which members wait.</param>
    /// <returns>The teams.</returns>
    public static IReadOnlyList<Team> CreateWide(TimeProvider modelClock) => [Fan(8, modelClock), Fan(32, modelClock)];

    private static Agent Deleter => new()
    {
        Name = "Deleter",
        Model = Model(new Script { Text = "Done: {result}", Deltas = Deltas, Calls = [Call("delete_file", """{"path":"/tmp/a.txt"}""")] }),
        Tools = [Tool.Create(ReferenceAgents.DeleteFile, new ToolOptions { RequiresConfirmation = true })],
    };

    private static Team Fan(int members, TimeProvider modelClock) => new()
    {
        Name = $"Fan {members}",
        Mode = TeamMode.Broadcast,
        Model = ToAll("All answered"),
        Members = [.. Enumerable.Range(1, members).Select(number => Named(number, $"answer {number}", TimeSpan.FromSeconds(0.1), modelClock))],
    };

    private static Agent Member(int number, string word, TimeSpan delay = default, TimeProvider? modelClock = null) =>
        Named(number, $"Answer of member {word}", delay, modelClock) with { Role = $"Does part {number}" };

    private static Agent Named(int number, string text, TimeSpan delay, TimeProvider? modelClock) =>
        new() { Name = $"Member {number}", Model = Model(new Script { Text = text, Deltas = Deltas, DelayBefore = delay }, modelClock) };

    private static ChatModel ToAll(string text, TimeSpan between = default, TimeProvider? modelClock = null) => Model(
        new Script { Text = text, Deltas = Deltas, DelayBetween = between, Calls = [Call("delegate_task_to_members", """{"task":"{input}"}""")] }, modelClock);

    private static ChatModel ToOne(string memberId, string text) => Model(new Script
    {
        Text = text,
        Deltas = Deltas,
        Calls = [Call("delegate_task_to_member", JsonSerializer.Serialize(new Dictionary<string, string> { ["member_id"] = memberId, ["task"] = "{input}" }))],
    });

    private static ChatModel Model(Script script, TimeProvider? modelClock = null) => ScriptedModelProvider.Create(script, timeProvider: modelClock);

    private static ScriptedCall Call(string tool, string arguments) => new(tool, JsonElement.Parse(arguments));
}
