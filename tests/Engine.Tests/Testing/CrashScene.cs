using System.Collections.Concurrent;
using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Storage;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Testing;

/// <summary>A run with two tool calls that can be cut off after any event of its log and taken up by a successor.</summary>
internal sealed class CrashScene
{
    public const string Answer = "all done";

    private readonly ConcurrentQueue<string?> _executions = new();
    private readonly Agent _agent;

    public CrashScene(ToolEffect first, ToolEffect second, bool confirmSecond = false)
    {
        _agent = new Agent
        {
            Name = "Worker",
            Tools =
            [
                Tool.Create(Work, new ToolOptions { Name = "first", Effect = first }),
                Tool.Create(Work, new ToolOptions { Name = "second", Effect = second, RequiresConfirmation = confirmSecond }),
            ],
        };
    }

    /// <summary>Gets the idempotency keys of all executions so far.</summary>
    public IReadOnlyList<string?> Executions => [.. _executions];

    /// <summary>Runs without any crash.</summary>
    /// <returns>The log.</returns>
    public async Task<ImmutableArray<RunEvent>> RecordAsync(Func<TestEngine, RunOutput, Task>? settle = null)
    {
        await using var engine = new TestEngine(_agent, model: NewModel());
        var output = await engine.RunAsync();
        if (settle is not null)
        {
            await settle(engine, output);
        }

        _executions.Clear();
        return [.. await engine.LogAsync(output.RunId)];
    }

    /// <summary>Takes up a run whose owner died when so much of its log was stored.</summary>
    /// <returns>The successor, with the run at its end or waiting for a human.</returns>
    public async Task<(TestEngine Engine, RunOwner Owner)> ResumeAsync(ImmutableArray<RunEvent> prefix)
    {
        var engine = new TestEngine(_agent, await StoreAsync(prefix), model: NewModel());
        var runId = ((RunAccepted)prefix[0]).Request.RunId;
        var owner = await RunOwner.TakeOverAsync(engine.Services, (await engine.Store.ReadAsync(runId))!);
        await owner.TurnAsync(Patience.Token);
        return (engine, owner);
    }

    /// <summary>Makes a store, or takes one, that holds the beginning of a log.</summary>
    public static async Task<MemoryStore> StoreAsync(ImmutableArray<RunEvent> prefix, MemoryStore? into = null)
    {
        var store = into ?? new MemoryStore();
        var accepted = (RunAccepted)prefix[0];
        var request = accepted.Request;
        await store.AcceptAsync(new RunAcceptance(accepted, RunState.From(prefix[..1]).Output, new SessionRecord { SessionId = request.SessionId, ComponentId = request.AgentId }));
        if (prefix.Length > 1)
        {
            await store.AppendAsync(new RunAppend
            {
                RunId = request.RunId,
                Generation = RunState.From(prefix).Generation,
                Position = 1,
                Events = prefix[1..],
                Output = RunState.From(prefix).Output,
            });
        }

        return store;
    }

    private static ChannelChatClient NewModel() => new()
    {
        Otherwise = call => Finish(call.HasToolResults ? call.Say("all ", "done") : call.Use("first", id: "call_1").Use("second", id: "call_2")),
    };

    private static void Finish(ModelCall call) => call.Cost(10, 5).End();

    private string Work(RunContext context)
    {
        _executions.Enqueue(context.IdempotencyKey);
        return $"worked {context.ToolCallId}";
    }
}
