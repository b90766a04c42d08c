using Cluster.Engine.Approvals;
using Cluster.Engine.Memory;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Storage.Tests.Conformance;

namespace Cluster.Storage.Tests.Maintenance;

/// <summary>Fills stores with everything that there is, as servers do: logs that agree with their records.</summary>
internal static class FilledStore
{
    /// <summary>Fills a store.</summary>
    public static async Task FillAsync(IRunLog log, ISessionStore sessions, IUserMemoryStore memories)
    {
        await sessions.CreateAsync(Samples.Session("empty") with { SessionName = Samples.Text, SessionState = Samples.Json("{ \"a\" : [1.50,\n 2] }") });
        for (var i = 0; i < 5; i++)
        {
            await CompleteAsync(log, Samples.Request($"r{i}", $"s{i % 2}") with { UserId = i == 0 ? null : "ann", IdempotencyKey = i == 1 ? "key ö🦊" : null }, at: 1_000 + i);
        }

        await AcceptAsync(log, Samples.Request("at-work", "s0") with { UserId = "ann" }, at: 1_100);
        await PauseAsync(log, Samples.Request("paused", "s1") with { UserId = "ann" }, at: 1_200);
        await CompleteAsync(log, Samples.TeamRequest("team", sessionId: "t"), at: 1_300);
        await CompleteAsync(log, Samples.MemberRequest("member", "team", sessionId: "t"), at: 1_301);
        await memories.AddAsync(Samples.Memory("m1"));
        await memories.AddAsync(Samples.Memory("m2", "bob") with { Topics = null, Input = null, Feedback = null, AgentId = null, TeamId = null });
        await memories.AddAsync(Samples.Memory("m3", "bob") with { Topics = [] });
    }

    /// <summary>Records a run.</summary>
    public static Task AcceptAsync(IRunLog log, RunRequest request, long at) => log.AcceptAsync(Samples.Accept(request, at));

    /// <summary>Records a run and its end.</summary>
    public static async Task CompleteAsync(IRunLog log, RunRequest request, long at)
    {
        await AcceptAsync(log, request, at);
        await log.AppendAsync(Samples.Append(request.RunId, 1, At(new RunStarted("m", "OpenAI"), at, 0), At(new RunCompleted { Content = Samples.Text }, at, 1)) with
        {
            Output = Samples.Output(request, RunStatus.Completed) with { CreatedAt = at, Content = Samples.Text },
            Session = request.ParentRunId is null ? new SessionPatch { Costs = Samples.Costs("m", 7), UpdatedAt = at + 1 } : null,
        });
    }

    /// <summary>Records a run that waits for an approval.</summary>
    public static async Task PauseAsync(IRunLog log, RunRequest request, long at)
    {
        await AcceptAsync(log, request, at);
        var approval = Samples.Approval($"approval of {request.RunId}", request.RunId, at);
        await log.AppendAsync(Samples.Append(request.RunId, 1, At(new RunStarted("m", "OpenAI"), at, 0), At(new RunPaused(Samples.Text, [], []), at, 1)) with
        {
            Output = Samples.Output(request, RunStatus.Paused) with { CreatedAt = at },
            Approvals = new ApprovalChanges([approval], []),
        });
    }

    private static RunEvent At(RunEvent next, long at, long index) => next with { CreatedAt = at, EventIndex = index };
}
