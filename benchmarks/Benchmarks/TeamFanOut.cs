using System.Diagnostics;
using System.Globalization;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;

namespace Cluster.Benchmarks;

/// <summary>How long a team takes whose members all work at the same time, and what a member's run costs in memory.</summary>
internal static class TeamFanOut
{
    /// <summary>Where the models of the teams that are measured over HTTP listen.</summary>
    public const int ModelPort = 8998;

    /// <summary>In this process. The members' models think for a while each.</summary>
    public static async Task MeasureAsync(string store, int[] members, FanOutSettings settings, CancellationToken cancellationToken)
    {
        var thinking = TimeSpan.FromMilliseconds(settings.Thinking);
        await using var harness = await Harness.StartAsync(store, [.. members.Select(count => NewTeam(count, thinking))]);
        PrintHead();
        foreach (var count in members)
        {
            var sum = await MeasureAsync(count, settings, () => RunAsync(harness, count, cancellationToken), cancellationToken);
            Print(count, sum);
        }
    }

    /// <summary>Over HTTP. The server's teams <c>fan-N</c> have N members of the model <c>vllm:member</c> and a leader of the model <c>vllm:lead</c>.</summary>
    public static async Task MeasureHttpAsync(Uri server, int[] members, FanOutSettings settings, CancellationToken cancellationToken)
    {
        await using var model = await TeamModel.StartAsync(ModelPort, stop => Task.Delay(settings.Thinking, stop));
        using var client = new HttpClient { BaseAddress = server };
        PrintHead();
        foreach (var count in members)
        {
            var sum = await MeasureAsync(count, settings, () => RunAsync(client, count, cancellationToken), cancellationToken);
            Print(count, sum with { BytesPerMember = null });
        }
    }

    private static async Task<FanOutResult> MeasureAsync(int members, FanOutSettings settings, Func<Task> run, CancellationToken cancellationToken)
    {
        for (var i = 0; i < settings.WarmUp; i++)
        {
            await run();
        }

        var times = new List<double>();
        var allocated = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < settings.Runs; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            await run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var bytes = (GC.GetTotalAllocatedBytes() - allocated) / (double)(settings.Runs * members);
        times.Sort();
        return new FanOutResult(times[0], times[times.Count / 2], times[(int)(times.Count * 0.95)], bytes);
    }

    private static async Task RunAsync(Harness harness, int members, CancellationToken cancellationToken)
    {
        var output = await harness.Host.RunTeamAsync($"fan-{members}", "Go", cancellationToken: cancellationToken);
        if (output.Status != RunStatus.Completed || output.MemberResponses?.Length != members || output.MemberResponses.Value.Any(member => member.Status != RunStatus.Completed))
        {
            throw new InvalidOperationException($"Run {output.RunId} ended as {output.Status} with {output.MemberResponses?.Length} members: {output.Content}");
        }
    }

    private static async Task RunAsync(HttpClient client, int members, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent([new("message", "Go"), new("stream", "false")]);
        using var response = await client.PostAsync(new Uri($"/teams/fan-{members}/runs", UriKind.Relative), form, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        var completed = answer.Split("\"status\":\"COMPLETED\"").Length - 1;
        if (completed != members + 1)
        {
            throw new InvalidOperationException($"{completed} of {members + 1} runs completed: {answer}");
        }
    }

    private static Team NewTeam(int members, TimeSpan thinking) => NewTeam(members, number => new Agent
    {
        Name = $"member-{number}",
        Model = ScriptedModelProvider.Create(new Script { Text = $"answer {number}", Deltas = 4, DelayBefore = thinking }),
    });

    /// <summary>Makes a team whose leader hands its task to all members.</summary>
    public static Team NewTeam(int members, Func<int, Agent> newMember) => new()
    {
        Name = $"fan-{members}",
        Mode = TeamMode.Broadcast,
        Model = ScriptedModelProvider.Create(new Script
        {
            Text = "All answered",
            Deltas = 4,
            Calls = [new ScriptedCall("delegate_task_to_members", System.Text.Json.JsonElement.Parse("""{"task":"Go"}"""))],
        }),
        Members = [.. Enumerable.Range(1, members).Select(newMember)],
        Delegation = new DelegationSettings { AtOnce = members },
    };

    private static void PrintHead()
    {
        Console.WriteLine("| members | fastest ms | median ms | p95 ms | bytes allocated a member run |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
    }

    private static void Print(int members, FanOutResult result) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {members} | {result.Fastest:N1} | {result.Median:N1} | {result.P95:N1} | {result.BytesPerMember:N0} |"));
}

/// <summary>How a fan-out is measured.</summary>
/// <param name="Thinking">Milliseconds that each member's model takes.</param>
/// <param name="Runs">How many runs are measured.</param>
/// <param name="WarmUp">How many go before.</param>
internal sealed record FanOutSettings(int Thinking, int Runs, int WarmUp);

/// <summary>What a fan-out took.</summary>
/// <param name="Fastest">The fastest run, in milliseconds.</param>
/// <param name="Median">Half of the runs took at most so many milliseconds.</param>
/// <param name="P95">95 % of the runs took at most so many milliseconds.</param>
/// <param name="BytesPerMember">Bytes allocated in this process for each run of a member, the team's own part included; null when the runs are elsewhere.</param>
internal sealed record FanOutResult(double Fastest, double Median, double P95, double? BytesPerMember);
