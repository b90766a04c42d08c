using System.ComponentModel;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Tools;

namespace Cluster.Contract.Host;

/// <summary>The agents that the recordings were made with. Their models are scripted, so that an answer is the same every time.</summary>
public static class ReferenceAgents
{
    /// <summary>Makes the agents, in the order of the recorded lists.</summary>
    /// <param name="modelClock">The clock by which slow models wait; tests bring their own.</param>
    /// <returns>The agents.</returns>
    public static IReadOnlyList<Agent> Create(TimeProvider modelClock) =>
    [
        Named("Echo Agent", new Script { Text = "Hello from the model" }) with { Description = "Answers with one fixed sentence." },
        Named("Tool Agent", Calling("add", """{"a":2,"b":3}""", "The result is {result}")) with { Instructions = "Use add for sums.", Tools = [Tool.Create(Add)] },
        Named("Confirm Agent", Calling("delete_file", """{"path":"/tmp/a.txt"}""")) with { Tools = [Tool.Create(DeleteFile, new ToolOptions { RequiresConfirmation = true })] },
        Named("Input Agent", Calling("send_email", """{"subject":"Hi"}""")) with { Tools = [Tool.Create(SendEmail, new ToolOptions { UserInputFields = ["to"] })] },
        Named("External Agent", Calling("run_shell", """{"command":"ls"}""")) with { Tools = [Tool.Create(RunShell, new ToolOptions { ExternalExecution = true })] },
        Named("Approval Agent", Calling("deploy", """{"service":"billing"}""")) with { Tools = [Tool.Create(Deploy, new ToolOptions { ApprovalType = ApprovalType.Required })] },
        Named("Slow Agent", Slow, modelClock),
        Named("Error Agent", new Script { Failure = "The provider is down" }),
        Named("Schema Agent", new Script { Text = """{"title": "Alien", "year": 1979}""" }) with { Output = new OutputSettings { Schema = OutputSchema.Of<Movie>() } },
        Named("History Agent", new Script { Text = "Hello from the model" }) with
        {
            History = new HistorySettings { AddToContext = true, Runs = 3 },
            SessionState = new SessionStateSettings { Initial = JsonElement.Parse("""{"visits":0}""") },
        },
    ];

    /// <summary>What the agent with a schema answers.</summary>
    /// <param name="Title">The title.</param>
    /// <param name="Year">The year.</param>
    private sealed record Movie(string Title, int Year);

    private static Script Slow => new()
    {
        Text = "Hello from the slow model, which takes its time",
        DelayBefore = TimeSpan.FromSeconds(0.2),
        DelayBetween = TimeSpan.FromSeconds(0.4),
    };

    private static Agent Named(string name, Script script, TimeProvider? modelClock = null) =>
        new() { Name = name, Model = ScriptedModelProvider.Create(script, timeProvider: modelClock) };

    private static Script Calling(string tool, string arguments, string answer = "Done: {result}") =>
        new() { Text = answer, Calls = [new ScriptedCall(tool, JsonElement.Parse(arguments))] };

    [Description("Add two integers.")]
    private static int Add([Description("the first number")] int a, [Description("the second number")] int b) => a + b;

    [Description("Delete a file at the given path.")]
    internal static string DeleteFile(string path) => $"Deleted {path}";

    [Description("Send an email.")]
    private static string SendEmail(string subject, string to = "") => $"Email '{subject}' sent to {to}";

    [Description("Run a shell command outside the server.")]
    private static string RunShell(string command) => throw new InvalidOperationException($"'{command}' is run outside; nobody calls this.");

    [Description("Deploy a service after an administrator approves.")]
    private static string Deploy(string service) => $"Deployed {service}";
}
