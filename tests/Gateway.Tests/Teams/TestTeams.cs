using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Gateway.Tests.Teams;

/// <summary>Teams whose leaders and members follow scripts.</summary>
internal static class TestTeams
{
    public const int CrowdSize = 50;

    /// <summary>Gets the teams of all tests.</summary>
    /// <param name="crowd">The model of members that never answer.</param>
    /// <param name="speech">Gives a member that says what tests let it say.</param>
    public static ImmutableArray<Agent> All(ChatModel crowd, Agent speech) =>
    [
        Broadcasting("chorus", "{result}", [.. Enumerable.Range(1, 12).Select(number => Member($"Voice {number}", $"la {number}"))]),
        Delegating("outer", "outer: {result}", "inner") with { Members = [Broadcasting("inner", "inner: {result}", Member("One", "first"), Member("Two", "second"))] },
        Delegating("careful", "careful: {result}", "deleter") with { Members = [Deleter()] },
        Delegating("careful-outer", "done: {result}", "careful-inner") with
        {
            Members = [Broadcasting("careful-inner", "inner: {result}", Deleter(), Member("Other", "other"))],
        },
        Broadcasting("crowd", "never", [.. Enumerable.Range(1, CrowdSize).Select(number => new Agent { Name = $"Silent {number}", Model = crowd })]),
        Delegating("spoken", "it says {result}", speech.AgentId) with { Members = [speech] },
    ];

    private static Agent Member(string name, string answer) => new() { Name = name, Role = $"is {name}", Model = Script(answer) };

    private static Agent Deleter() => new()
    {
        Name = "Deleter",
        Model = Script("deleted: {result}", ("delete_file", new { path = "/a" })),
        Tools = [Tool.Create((string path) => $"gone {path}", new ToolOptions { Name = "delete_file", RequiresConfirmation = true })],
    };

    private static Team Broadcasting(string id, string text, params Agent[] members) => new()
    {
        Id = id,
        Name = id,
        Mode = TeamMode.Broadcast,
        Model = Script(text, ("delegate_task_to_members", new { task = "{input}" })),
        Members = [.. members],
    };

    private static Team Delegating(string id, string text, string memberId) => new()
    {
        Id = id,
        Name = id,
        Model = Script(text, ("delegate_task_to_member", new { member_id = memberId, task = "{input}" })),
    };

    private static ChatModel Script(string text, params (string Tool, object Arguments)[] calls) => ScriptedModelProvider.Create(new Script
    {
        Text = text,
        Deltas = 2,
        Calls = [.. calls.Select(call => new ScriptedCall(call.Tool, JsonSerializer.SerializeToElement(call.Arguments)))],
    });
}
