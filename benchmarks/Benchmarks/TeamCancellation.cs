using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;

namespace Cluster.Benchmarks;

/// <summary>How soon the model calls of a team's members have stopped when somebody cancels the team, and how soon every run has its end on record.</summary>
internal static class TeamCancellation
{
    /// <summary>In this process.</summary>
    public static async Task MeasureAsync(string store, int members, int runs, CancellationToken cancellationToken)
    {
        var calls = new CallsUnderWay();
        using var model = new HangingModel(calls);
        await using var harness = await Harness.StartAsync(store, TeamFanOut.NewTeam(members, number => new Agent
        {
            Name = $"member-{number}",
            Model = new ChatModel { Id = "hanging", Name = "Hanging", Provider = "Hanging", Client = model },
        }));
        await MeasureAsync(members, runs, calls, new InProcessTeam(harness.Host, members), cancellationToken);
    }

    /// <summary>Over HTTP. The server's team <c>fan-N</c> has N members of the model <c>vllm:member</c> and a leader of the model <c>vllm:lead</c>.</summary>
    public static async Task MeasureHttpAsync(Uri server, int members, int runs, CancellationToken cancellationToken)
    {
        var calls = new CallsUnderWay();
        await using var model = await TeamModel.StartAsync(TeamFanOut.ModelPort, calls.HangAsync);
        using var client = new HttpClient { BaseAddress = server };
        await MeasureAsync(members, runs, calls, new HttpTeam(client, members), cancellationToken);
    }

    private static async Task MeasureAsync(int members, int runs, CallsUnderWay calls, ITeam team, CancellationToken cancellationToken)
    {
        var stopped = new List<double>();
        var ended = new List<double>();
        for (var i = 0; i < runs; i++)
        {
            var round = calls.Expect(members);
            await team.StartAsync(cancellationToken);
            await round.Begun.WaitAsync(cancellationToken);
            var start = Stopwatch.GetTimestamp();
            await team.CancelAsync(cancellationToken);
            await round.Stopped.WaitAsync(cancellationToken);
            stopped.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await team.EndAsync(cancellationToken);
            ended.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{members} members, {runs} runs: the last model call has stopped after {Median(stopped):N1} ms (median), {stopped.Max():N1} ms (longest); every run has its end on record after {Median(ended):N1} ms (median), {ended.Max():N1} ms (longest)"));
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>A team whose members hang, one run after the other.</summary>
    private interface ITeam
    {
        Task StartAsync(CancellationToken cancellationToken);

        Task CancelAsync(CancellationToken cancellationToken);

        /// <summary>Ends when the run and those of all members are cancelled.</summary>
        Task EndAsync(CancellationToken cancellationToken);
    }

    private sealed class InProcessTeam(IRunHost host, int members) : ITeam
    {
        private string _runId = string.Empty;

        public async Task StartAsync(CancellationToken cancellationToken) => _runId = await host.StartAsync(
            new RunRequest
            {
                RunId = Guid.NewGuid().ToString(),
                SessionId = Guid.NewGuid().ToString(),
                AgentId = $"fan-{members}",
                ComponentType = Engine.Sessions.SessionType.Team,
                Input = "Go",
            },
            cancellationToken);

        public Task CancelAsync(CancellationToken cancellationToken) => host.CancelAsync(_runId, cancellationToken);

        public async Task EndAsync(CancellationToken cancellationToken)
        {
            var output = await host.WaitAsync(_runId, cancellationToken);
            if (output.Status != RunStatus.Cancelled || output.MemberResponses?.Count(member => member.Status == RunStatus.Cancelled) != members)
            {
                throw new InvalidOperationException($"Run {_runId} ended as {output.Status}, {output.MemberResponses?.Count(member => member.Status == RunStatus.Cancelled)} members cancelled.");
            }
        }
    }

    private sealed class HttpTeam(HttpClient client, int members) : ITeam
    {
        private readonly string _route = $"/teams/fan-{members}/runs";
        private string _runId = string.Empty;
        private string _sessionId = string.Empty;

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            using var form = new FormUrlEncodedContent([new("message", "Go"), new("stream", "false"), new("background", "true")]);
            using var response = await client.PostAsync(new Uri(_route, UriKind.Relative), form, cancellationToken);
            var run = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            (_runId, _sessionId) = (run.GetProperty("run_id").GetString()!, run.GetProperty("session_id").GetString()!);
        }

        public async Task CancelAsync(CancellationToken cancellationToken)
        {
            using var response = await client.PostAsync(new Uri($"{_route}/{_runId}/cancel", UriKind.Relative), null, cancellationToken);
            response.EnsureSuccessStatusCode();
        }

        public async Task EndAsync(CancellationToken cancellationToken)
        {
            var run = new Uri($"{_route}/{_runId}?session_id={_sessionId}", UriKind.Relative);
            while ((await client.GetStringAsync(run, cancellationToken)).Split("\"status\":\"CANCELLED\"").Length - 1 != members + 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken);
            }
        }
    }

    /// <summary>A model that never answers.</summary>
    private sealed class HangingModel(CallsUnderWay calls) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("The loop streams.");

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await calls.HangAsync(cancellationToken);
            yield break;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
