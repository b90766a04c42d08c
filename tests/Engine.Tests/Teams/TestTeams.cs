using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Teams;

/// <summary>Teams whose leaders and members follow scripts.</summary>
internal static class TestTeams
{
    /// <summary>Gives a model that makes calls and then says something.</summary>
    public static ChatModel Script(string text, params (string Tool, object Arguments)[] calls) => ScriptedModelProvider.Create(new Script
    {
        Text = text,
        Deltas = 2,
        Calls = [.. calls.Select(call => new ScriptedCall(call.Tool, Builders.Json(call.Arguments)))],
    });

    public static ChatModel Delegating(string text, params string[] memberIds) =>
        Script(text, [.. memberIds.Select(id => ("delegate_task_to_member", (object)new { member_id = id, task = "{input}" }))]);

    public static ChatModel Broadcasting(string text) => Script(text, ("delegate_task_to_members", new { task = "{input}" }));

    public static Agent Member(string name, string answer) => new() { Name = name, Role = $"is {name}", Model = Script(answer) };

    /// <summary>Gives a member whose model the test can listen to.</summary>
    public static Agent Member(string name, ChannelChatClient model) => new() { Name = name, Model = TestEngine.NewModel(model) };

    /// <summary>Gives a model that always says the same.</summary>
    public static ChannelChatClient Saying(string answer) => new() { Otherwise = call => call.Say(answer).Cost(10, 5).End() };

    /// <summary>Gives a model that hands out one task a turn and then says something.</summary>
    public static ChannelChatClient Handing(string answer, params (string MemberId, string Task)[] tasks) => tasks
        .Aggregate(new ChannelChatClient(), (model, task) => model.AnswerWithCall("delegate_task_to_member", new { member_id = task.MemberId, task = task.Task }))
        .Answer(answer);

    /// <summary>Gives a member whose tool needs a human.</summary>
    public static Agent Deleter(Func<string, string>? delete = null, string name = "Deleter") => new()
    {
        Name = name,
        Model = Script("deleted: {result}", ("delete_file", new { path = $"/{name}" })),
        Tools = [Tool.Create((string path) => delete?.Invoke(path) ?? $"gone {path}", new ToolOptions { Name = "delete_file", RequiresConfirmation = true })],
    };

    public static Team Of(ChatModel leader, params Agent[] members) => new() { Name = "Crew", Model = leader, Members = [.. members] };

    public static Team Of(ChannelChatClient leader, params Agent[] members) => Of(TestEngine.NewModel(leader), members);

    public static RunRequirement Confirm(RunRequirement requirement, bool yes = true) => requirement with { Confirmation = yes };

    public static ImmutableArray<RunRequirement> Open(RunOutput output) => [.. (output.Requirements ?? []).Where(requirement => requirement.IsOpen)];
}
