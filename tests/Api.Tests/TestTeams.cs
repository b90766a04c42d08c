using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Api.Tests;

/// <summary>Teams whose leaders and members follow scripts.</summary>
internal static class TestTeams
{
    public static Team Crew(params Agent[] members) => new()
    {
        Id = "crew",
        Name = "Crew",
        Mode = TeamMode.Broadcast,
        Model = Model("They said: {result}", ("delegate_task_to_members", """{"task":"{input}"}""")),
        Members = [.. members],
    };

    public static Agent Member(string name, string answer = "done") => new() { Name = name, Model = Model(answer) };

    /// <summary>Gives a member whose tool needs a human.</summary>
    public static Agent Deleter(string name) => new()
    {
        Name = name,
        Model = Model("Done: {result}", ("delete_file", $$"""{"path":"/{{name}}"}""")),
        Tools = [Tool.Create((string path) => $"Deleted {path}", new ToolOptions { Name = "delete_file", RequiresConfirmation = true })],
    };

    public static ChatModel Model(string text, params (string Tool, string Arguments)[] calls) => ScriptedModelProvider.Create(new Script
    {
        Text = text,
        Deltas = 2,
        Calls = [.. calls.Select(call => new ScriptedCall(call.Tool, JsonElement.Parse(call.Arguments)))],
    });

    public static async Task<JsonElement> PostAsync(TestApi api, string path, params (string Key, string Value)[] form)
    {
        using var response = await api.Client.PostAsync(path, TestApi.Form([("stream", "false"), ("session_id", "s1"), .. form]), TestApi.Stop);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync(TestApi.Stop));
    }

    public static string Text(JsonElement json, string member) => json.GetProperty(member).GetString()!;

    public static string[] Texts(JsonElement array, string member) => [.. array.EnumerateArray().Select(item => Text(item, member))];

    /// <summary>Gives the requirements of a paused run with the answers to some of them.</summary>
    public static string Answer(JsonElement paused, Func<JsonElement, bool> isMeant, bool yes = true) => JsonSerializer.Serialize(paused.GetProperty("requirements").EnumerateArray()
        .Where(isMeant)
        .Select(requirement => JsonSerializer.SerializeToNode(requirement)!.AsObject())
        .Select(requirement => new Dictionary<string, object?>(requirement.Select(member => KeyValuePair.Create(member.Key, (object?)member.Value))) { ["confirmation"] = yes }));
}
