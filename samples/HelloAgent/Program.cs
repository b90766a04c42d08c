using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;

// The scripted model answers offline. A real one goes in its place: VendorModels.Create("openai:gpt-5-mini") of Cluster.Providers.
var agent = new Agent
{
    Name = "Calculator",
    Instructions = "Use add for sums.",
    Model = ScriptedModelProvider.Create(new Script { Text = "The sum is {result}.", Calls = [new("add", System.Text.Json.JsonElement.Parse("""{"a": 2, "b": 3}"""))] }),
    Tools = [Tool.Create((int a, int b) => a + b, new ToolOptions { Name = "add", Effect = ToolEffect.Pure })],
};

Console.WriteLine((await agent.RunAsync("What is 2 + 3?")).Content);

await foreach (var next in agent.RunStreamingAsync("And again, word by word?"))
{
    Console.Write(next is RunContent delta ? delta.Content : string.Empty);
}
