using System.ComponentModel;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Tools;

namespace Cluster.Api.Tests;

/// <summary>The agents that every test of the API has.</summary>
internal static class TestAgents
{
    public static IEnumerable<Agent> Create() =>
    [
        Scripted("echo-agent", "Echo Agent", new Script { Text = "Hello from the model", Deltas = 2 }) with { Description = "Answers with one fixed sentence." },
        Calling("tool-agent", "Tool Agent", "The result is {result}", Tool.Create(Add), """{"a": 2, "b": 3}""") with { Instructions = "Use add for sums." },
        Calling(
            "confirm-agent", "Confirm Agent", "Done: {result}", Tool.Create(DeleteFile, new ToolOptions { RequiresConfirmation = true }), """{"path": "/tmp/a.txt"}"""),
        Scripted("error-agent", "Error Agent", new Script { Failure = "The provider is down" }),
        Scripted("history-agent", "History Agent", new Script { Text = "Hello" }) with { History = new HistorySettings { AddToContext = true, Runs = 3 } },
    ];

    /// <summary>Gets an agent whose tool needs an administrator, for the tests of approvals.</summary>
    public static Agent NeedsApproval { get; } = Calling(
        "approval-agent",
        "Approval Agent",
        "Done: {result}",
        Tool.Create((string service) => $"Deployed {service}", new ToolOptions { Name = "deploy", ApprovalType = ApprovalType.Required }),
        """{"service":"billing"}""");

    public static Agent Scripted(string id, string name, Script script) => new() { Id = id, Name = name, Model = ScriptedModelProvider.Create(script) };

    private static Agent Calling(string id, string name, string answer, Tool tool, string arguments) =>
        Scripted(id, name, new Script { Text = answer, Calls = [new ScriptedCall(tool.Name, JsonElement.Parse(arguments))] }) with { Tools = [tool] };

    [Description("Add two integers.")]
    private static int Add([Description("the first number")] int a, [Description("the second number")] int b) => a + b;

    [Description("Delete a file at the given path.")]
    private static string DeleteFile(string path) => $"Deleted {path}";
}
