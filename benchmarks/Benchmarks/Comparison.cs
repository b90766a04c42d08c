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

    /// <summary>Measures only this product.</summary>
    public const string Here = "here";

    /// <summary>Measures only the other framework.</summary>
    public const string There = "there";
    private const string Question = "How is the weather in Lisbon?";
    private const string Instructions = "Be brief.";

    /// <summary>Measures both sides in turn and tells the cheapest round of each: what else the machine does makes rounds dearer, and never cheaper.</summary>
    /// <param name="rounds">How many rounds each side has.</param>
    /// <param name="side">Which side is measured: <c>both</c>, <c>here</c> or <c>there</c>.</param>
    /// <param name="kinds">Only the kinds of run whose name ends so; empty for all.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task MeasureAsync(int rounds, string side, string kinds, CancellationToken cancellationToken)
    {
        Console.WriteLine("| run | Agent Framework, processor µs | bytes | here, processor µs | bytes | times |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var callsTool in new[] { false, true })
        {
            using var client = new ComparedChatClient(callsTool);
            var what = callsTool ? "one tool call" : "no tool call";
            await CompareAsync(what, () => NewForeign(client), () => NewOwn(client));
            await CompareAsync(what + ", streamed", () => NewForeignStream(client), () => NewOwnStream(client));
        }

        async Task CompareAsync(string name, Func<Func<CancellationToken, Task<string>>> there, Func<Func<CancellationToken, Task<string>>> here)
        {
            if (!name.EndsWith(kinds, StringComparison.Ordinal))
            {
                return;
            }

            var (foreign, own) = (side == Here ? null : new Side(there), side == There ? null : new Side(here));
            for (var i = 0; i < WarmUpRounds + rounds; i++)
            {
                await (foreign?.RunAsync(i >= WarmUpRounds, cancellationToken) ?? Task.CompletedTask);
                await (own?.RunAsync(i >= WarmUpRounds, cancellationToken) ?? Task.CompletedTask);
            }

            var times = foreign is null || own is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{own.Processor / foreign.Processor:N1}");
            Console.WriteLine($"| {name} | {foreign?.ToString() ?? "– | –"} | {own?.ToString() ?? "– | –"} | {times} |");
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

    /// <summary>One of the two that are compared. Every round has an agent of its own, and so a store of its own: what earlier rounds recorded is not kept.</summary>
    private sealed class Side(Func<Func<CancellationToken, Task<string>>> newAgent)
    {
        /// <summary>Gets the microseconds of processor time that a run of the cheapest round took.</summary>
        public double Processor { get; private set; } = double.MaxValue;

        private double Bytes { get; set; } = double.MaxValue;

        public async Task RunAsync(bool isMeasured, CancellationToken cancellationToken)
        {
            var run = newAgent();
            GC.Collect();
            var (used, bytes) = (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true));
            for (var i = 0; i < Round; i++)
            {
                var answer = await run(cancellationToken);
                if (answer != ComparedChatClient.Answer)
                {
                    throw new InvalidOperationException($"The run answered '{answer}'.");
                }
            }

            if (isMeasured)
            {
                Processor = Math.Min(Processor, (Environment.CpuUsage.TotalTime - used).TotalMicroseconds / Round);
                Bytes = Math.Min(Bytes, (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)Round);
            }
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Processor:N1} | {Bytes:N0}");
    }
}
