using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Storage;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

/// <summary>A run pauses and is answered while the turn that paused it has not quite ended.</summary>
public sealed class LateTurnTests
{
    [Fact]
    public async Task A_reader_who_waits_for_what_follows_an_answer_is_not_let_go_by_the_turn_that_paused()
    {
        var log = new HeldLog(new MemoryStore());
        await using var engine = NewEngine(log);
        var late = new LateLoop(engine.Loop);
        using var owner = await OwnAsync(engine, late);
        var pausing = owner.TurnAsync(Patience.Token);
        (await engine.Model.NextCallAsync()).Use("work", id: "call_1").End();
        await owner.Feed.WaitAsync(Patience.Token);

        var continuing = owner.ContinueAsync(new AnswersReceived([owner.State.Output.Tools!.Value[0] with { Confirmed = true }]) { Members = [] });
        await log.Held.WaitAsync(Patience.Token);
        late.LetGo();
        log.LetGo();
        await pausing;
        var reading = owner.Feed.ReadAsync(await continuing, Patience.Token).ToListAsync(Patience.Token);
        var turning = owner.TurnAsync(Patience.Token);
        (await engine.Model.NextCallAsync()).Say("all done").End();
        await turning;

        Assert.IsType<RunCompleted>((await reading).LastOrDefault());
    }

    private static TestEngine NewEngine(HeldLog log)
    {
        var tool = Tool.Create(() => "done", new ToolOptions { Name = "work", Effect = ToolEffect.Pure, RequiresConfirmation = true });
        return new TestEngine(new Agent { Name = "Worker", Tools = [tool] }, log.Store, log: log);
    }

    private static async Task<RunOwner> OwnAsync(TestEngine engine, LateLoop loop)
    {
        var request = engine.NewRequest();
        await CrashScene.StoreAsync([new RunAccepted(request)], engine.Store);
        return await RunOwner.TakeOverAsync(engine.Services with { Loop = loop }, (await engine.Log.ReadAsync(request.RunId, Patience.Token))!, Patience.Token);
    }

    /// <summary>A loop that is slow to say that nothing follows a pause.</summary>
    private sealed class LateLoop(IRunLoop loop) : IRunLoop
    {
        // Whoever lets go does what follows at once: the turn is as far as it can come when the answer is stored.
        private readonly TaskCompletionSource _letGo = new();

        public void LetGo() => _letGo.SetResult();

        public async IAsyncEnumerable<RunEvent> StepAsync(RunState state, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var next in loop.StepAsync(state, cancellationToken))
            {
                yield return next;
                if (next is RunPaused)
                {
                    await _letGo.Task;
                }
            }
        }
    }

    /// <summary>A real log that takes its time over an answer.</summary>
    private sealed class HeldLog(MemoryStore store) : IRunLog
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _letGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public MemoryStore Store => store;

        public Task Held => _held.Task;

        public void LetGo() => _letGo.SetResult();

        public Task<AcceptedRun> AcceptAsync(RunAcceptance acceptance, CancellationToken cancellationToken = default) => store.AcceptAsync(acceptance, cancellationToken);

        public async Task AppendAsync(RunAppend append, CancellationToken cancellationToken = default)
        {
            if (append.Events.OfType<AnswersReceived>().Any())
            {
                _held.TrySetResult();
                await _letGo.Task;
            }

            await store.AppendAsync(append, cancellationToken);
        }

        public Task<RunLogRecord?> ReadAsync(string runId, CancellationToken cancellationToken = default) => store.ReadAsync(runId, cancellationToken);

        public Task<ImmutableDictionary<string, RunLogRecord>> ReadAsync(ImmutableArray<string> runIds, CancellationToken cancellationToken = default) =>
            store.ReadAsync(runIds, cancellationToken);

        public Task<ImmutableArray<UnfinishedRun>> ListUnfinishedAsync(string? sessionId = null, CancellationToken cancellationToken = default) =>
            store.ListUnfinishedAsync(sessionId, cancellationToken);
    }
}
