using BenchmarkDotNet.Attributes;
using Cluster.Engine.Agents;
using Cluster.Engine.Tools;

namespace Cluster.Benchmarks;

/// <summary>Makes an agent with one tool, as services do that make one per request.</summary>
[InProcess]
[MemoryDiagnoser]
public class AgentInstantiation
{
    /// <summary>Makes the agent and its tool.</summary>
    /// <returns>The agent.</returns>
    [Benchmark]
    public Agent AgentWithOneTool() => new()
    {
        Name = "Weather",
        Model = "openai:gpt-5-mini",
        Instructions = "Be brief.",
        Tools = [Tool.Create(GetWeather)],
    };

    private static string GetWeather(string city) => $"It is sunny in {city}.";
}
