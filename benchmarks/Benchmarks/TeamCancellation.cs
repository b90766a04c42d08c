using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;

namespace Cluster.Benchmarks;

/// <summary>How soon the model calls of a team's members have stopped when somebody cancels the team, and how soon every run has its end on record.</summary>
internal static class TeamCancellation
{
    public static async Task MeasureAsync(string store, int members, int runs, CancellationToken cancellationToken)
    {
        using var model = new HangingModel();
        await using var harness = await Harness.StartAsync(store, TeamFanOut.NewTeam(members, number => new Agent
        {
            Name = $"member-{number}",
            Model = new ChatModel { Id = "hanging", Name = "Hanging", Provider = "Hanging", Client = model },
        }));
        var stopped = new List<double>();
        var ended = new List<double>();
        for (var i = 0; i < runs; i++)
        {
            var round = model.Expect(members);
            var runId = await harness.Host.StartAsync(NewRequest(members), cancellationToken);
            await round.Begun.WaitAsync(cancellationToken);
            var start = Stopwatch.GetTimestamp();
            await harness.Host.CancelAsync(runId, cancellationToken);
            await round.Stopped.WaitAsync(cancellationToken);
            stopped.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            var output = await harness.Host.WaitAsync(runId, cancellationToken);
            ended.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (output.Status != RunStatus.Cancelled || output.MemberResponses?.Count(member => member.Status == RunStatus.Cancelled) != members)
            {
                throw new InvalidOperationException($"Run {runId} ended as {output.Status}, {output.MemberResponses?.Count(member => member.Status == RunStatus.Cancelled)} members cancelled.");
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{members} members, {runs} runs: the last model call has stopped after {Median(stopped):N1} ms (median), {stopped.Max():N1} ms (longest); every run has its end on record after {Median(ended):N1} ms (median), {ended.Max():N1} ms (longest)"));
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static RunRequest NewRequest(int members) => new()
    {
        RunId = Guid.NewGuid().ToString(),
        SessionId = Guid.NewGuid().ToString(),
        AgentId = $"fan-{members}",
        ComponentType = Engine.Sessions.SessionType.Team,
        Input = "Go",
    };

    /// <summary>A model that never answers, and tells when it was let go.</summary>
    private sealed class HangingModel : IChatClient
    {
        private Count _begun = new(0);
        private Count _stopped = new(0);

        /// <summary>Counts the calls of one run.</summary>
        /// <returns>What ends when all have begun, and when all have stopped.</returns>
        public (Task Begun, Task Stopped) Expect(int calls)
        {
            (_begun, _stopped) = (new Count(calls), new Count(calls));
            return (_begun.Ended, _stopped.Ended);
        }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("The loop streams.");

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var stopped = _stopped;
            _begun.Signal();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                stopped.Signal();
            }

            yield break;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }

        private sealed class Count(int left)
        {
            private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            private int _left = left;

            public Task Ended => _ended.Task;

            public void Signal()
            {
                if (Interlocked.Decrement(ref _left) == 0)
                {
                    _ended.SetResult();
                }
            }
        }
    }
}
