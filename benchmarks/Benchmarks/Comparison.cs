using System.Diagnostics;
using System.Globalization;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Cluster.Benchmarks;

/// <summary>
/// One run in this process beside the same run of Microsoft Agent Framework: the same client, the same tool, one caller. A run here is recorded in the store in
/// memory and can be read, cancelled and taken up again; one there keeps nothing.
/// </summary>
internal static class Comparison
{
    private const int Round = 2000;

    /// <summary>The runtime has compiled everything for good after some 10,000 runs.</summary>
    private const int WarmUpRounds = 10;
    private const string Question = "How is the weather in Lisbon?";
    private const string Instructions = "Be brief.";

    public static async Task MeasureAsync(int rounds, CancellationToken cancellationToken)
    {
        Console.WriteLine("| run | processor µs | wall µs | bytes |");
        Console.WriteLine("|---|---:|---:|---:|");
        foreach (var callsTool in new[] { false, true })
        {
            using var client = new ComparedChatClient(callsTool);
            var what = callsTool ? "one tool call" : "no tool call";
            await MeasureAsync($"Agent Framework, {what}", rounds, () => NewForeign(client), cancellationToken);
            await MeasureAsync($"Agent Framework, {what}, streamed", rounds, () => NewForeignStream(client), cancellationToken);
            await MeasureAsync($"here, {what}", rounds, () => NewOwn(client), cancellationToken);
            await MeasureAsync($"here, {what}, streamed", rounds, () => NewOwnStream(client), cancellationToken);
        }
    }

    /// <summary>Every round has an agent of its own, and so a store of its own: what earlier rounds recorded is not kept.</summary>
    private static async Task MeasureAsync(string name, int rounds, Func<Func<CancellationToken, Task<string>>> newAgent, CancellationToken cancellationToken)
    {
        for (var i = 0; i < WarmUpRounds; i++)
        {
            await RunAsync(newAgent(), cancellationToken);
        }

        GC.Collect();
        var (used, bytes, start) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        for (var i = 0; i < rounds; i++)
        {
            await RunAsync(newAgent(), cancellationToken);
        }

        var (wall, runs) = (Stopwatch.GetElapsedTime(start), (double)(rounds * Round));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {(Environment.CpuUsage.TotalTime - used).TotalMicroseconds / runs:N1} | {wall.TotalMicroseconds / runs:N1} | {(GC.GetTotalAllocatedBytes(precise: true) - bytes) / runs:N0} |"));
    }

    private static async Task RunAsync(Func<CancellationToken, Task<string>> run, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Round; i++)
        {
            var answer = await run(cancellationToken);
            if (answer != ComparedChatClient.Answer)
            {
                throw new InvalidOperationException($"The run answered '{answer}'.");
            }
        }
    }

    private static ChatClientAgent NewForeignAgent(IChatClient client) =>
        new(client, Instructions, "weather", tools: [AIFunctionFactory.Create(GetWeather, ComparedChatClient.Tool)]);

    private static Func<CancellationToken, Task<string>> NewForeign(IChatClient client)
    {
        var agent = NewForeignAgent(client);
        return async stop => (await agent.RunAsync(Question, cancellationToken: stop)).Text;
    }

    private static Func<CancellationToken, Task<string>> NewForeignStream(IChatClient client)
    {
        var agent = NewForeignAgent(client);
        return async stop =>
        {
            var text = string.Empty;
            await foreach (var update in agent.RunStreamingAsync(Question, cancellationToken: stop))
            {
                text += update.Text;
            }

            return text;
        };
    }

    private static Agent NewAgent(IChatClient client) => new()
    {
        Name = "weather",
        Model = ModelSource.From(client),
        Instructions = Instructions,
        Tools = [Tool.Create(GetWeather, new ToolOptions { Name = ComparedChatClient.Tool })],
    };

    private static Func<CancellationToken, Task<string>> NewOwn(IChatClient client)
    {
        var agent = NewAgent(client);
        return async stop => (await agent.RunAsync(Question, cancellationToken: stop)).Content?.Text ?? string.Empty;
    }

    private static Func<CancellationToken, Task<string>> NewOwnStream(IChatClient client)
    {
        var agent = NewAgent(client);
        return async stop =>
        {
            var text = string.Empty;
            await foreach (var next in agent.RunStreamingAsync(Question, cancellationToken: stop))
            {
                text += (next as RunContent)?.Content?.Text;
            }

            return text;
        };
    }

    private static string GetWeather(string city) => $"It is sunny in {city}.";
}
