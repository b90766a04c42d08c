using System.Collections.Immutable;
using Cluster.Engine.Agents;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class CrashPointTests
{
    public static TheoryData<ToolEffect, ToolEffect> Repeatable => new()
    {
        { ToolEffect.Pure, ToolEffect.Pure },
        { ToolEffect.Pure, ToolEffect.Keyed },
        { ToolEffect.Keyed, ToolEffect.Keyed },
    };

    [Theory]
    [MemberData(nameof(Repeatable))]
    public async Task A_run_of_repeatable_tools_has_the_same_outcome_wherever_its_owner_dies(ToolEffect first, ToolEffect second)
    {
        var scene = new CrashScene(first, second);
        var log = await scene.RecordAsync();

        for (var length = 1; length <= log.Length; length++)
        {
            var executed = scene.Executions.Count;
            var (engine, owner) = await scene.ResumeAsync(log[..length]);

            AssertCompleted(owner, length);
            AssertNoSettledCallRepeated(log[..length], scene.Executions.Skip(executed));
            Builders.AssertGapless(RunEventLog.ToPublic(await engine.LogAsync(owner.State.Output.RunId)));
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_keyed_call_is_repeated_with_its_key()
    {
        var scene = new CrashScene(ToolEffect.Keyed, ToolEffect.Keyed);
        var log = await scene.RecordAsync();
        var runId = ((RunAccepted)log[0]).Request.RunId;

        await scene.ResumeAsync(Intended(log));

        Assert.Equal([$"{runId}/call_1", $"{runId}/call_2"], scene.Executions.Order());
    }

    [Fact]
    public async Task A_once_call_is_never_made_twice_wherever_the_owner_dies()
    {
        var scene = new CrashScene(ToolEffect.Once, ToolEffect.Pure);
        var log = await scene.RecordAsync();

        for (var length = 1; length <= log.Length; length++)
        {
            var executed = scene.Executions.Count;
            var prefix = log[..length];
            var (engine, owner) = await scene.ResumeAsync(prefix);

            AssertNoSettledCallRepeated(prefix, scene.Executions.Skip(executed));
            if (IsInDoubt(prefix, "call_1"))
            {
                AssertAsked(owner, "call_1");
                Assert.DoesNotContain(scene.Executions.Skip(executed), key => key!.EndsWith("call_1", StringComparison.Ordinal));
            }
            else
            {
                AssertCompleted(owner, length);
            }

            Builders.AssertGapless(RunEventLog.ToPublic(await engine.LogAsync(owner.State.Output.RunId)));
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_call_in_doubt_that_a_human_confirms_is_made_again()
    {
        var scene = new CrashScene(ToolEffect.Once, ToolEffect.Pure);
        var (engine, paused) = await PauseInDoubtAsync(scene);

        var run = await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true });

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Single(scene.Executions, key => key == $"{run.RunId}/call_1");
        Assert.Equal("worked call_1", Outcome(run, "call_1").Content);
        await AssertGaplessAsync(engine, run);
    }

    [Fact]
    public async Task A_call_in_doubt_whose_result_a_human_knows_is_not_made_again()
    {
        var scene = new CrashScene(ToolEffect.Once, ToolEffect.Pure);
        var (engine, paused) = await PauseInDoubtAsync(scene);

        var run = await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true, Result = "it had worked" });

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.DoesNotContain($"{run.RunId}/call_1", scene.Executions);
        Assert.Equal("it had worked", Outcome(run, "call_1").Content);
        await AssertGaplessAsync(engine, run);
    }

    [Fact]
    public async Task A_call_in_doubt_that_a_human_rejects_is_not_made_again()
    {
        var scene = new CrashScene(ToolEffect.Once, ToolEffect.Pure);
        var (engine, paused) = await PauseInDoubtAsync(scene);

        var run = await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = false });

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.DoesNotContain($"{run.RunId}/call_1", scene.Executions);
        Assert.True(Outcome(run, "call_1").ToolCallError);
        await AssertGaplessAsync(engine, run);
    }

    [Fact]
    public async Task A_call_in_doubt_can_be_settled_in_another_process()
    {
        var scene = new CrashScene(ToolEffect.Once, ToolEffect.Pure);
        var (engine, paused) = await PauseInDoubtAsync(scene);
        await using var next = engine.Successor();

        var run = await next.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true, Result = "it had worked" });

        Assert.Equal("it had worked", Outcome(run, "call_1").Content);
        Assert.DoesNotContain($"{run.RunId}/call_1", scene.Executions);
    }

    [Fact]
    public async Task A_confirmed_once_call_is_never_made_twice_wherever_the_owner_dies()
    {
        var scene = new CrashScene(ToolEffect.Pure, ToolEffect.Once, confirmSecond: true);
        var log = await scene.RecordAsync(async (engine, paused) =>
            await engine.ContinueAsync(paused.RunId, paused.Tools!.Value.Single(tool => tool.IsWaiting) with { Confirmed = true }));

        for (var length = 1; length <= log.Length; length++)
        {
            var executed = scene.Executions.Count;
            var prefix = log[..length];
            var (engine, owner) = await scene.ResumeAsync(prefix);

            AssertNoSettledCallRepeated(prefix, scene.Executions.Skip(executed));
            if (IsInDoubt(prefix, "call_2"))
            {
                Assert.DoesNotContain(scene.Executions.Skip(executed), key => key!.EndsWith("call_2", StringComparison.Ordinal));
                AssertAsked(owner, "call_2");
            }
            else if (!prefix.OfType<AnswersReceived>().Any())
            {
                AssertAsked(owner, "call_2");
            }
            else
            {
                AssertCompleted(owner, length);
            }

            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_run_that_dies_twice_over_the_same_once_call_asks_twice()
    {
        var scene = new CrashScene(ToolEffect.Once, ToolEffect.Pure);
        var (engine, paused) = await PauseInDoubtAsync(scene);
        await engine.ContinueAsync(paused.RunId, Waiting(paused) with { Confirmed = true });
        var log = ImmutableArray.CreateRange(await engine.LogAsync(paused.RunId));
        var again = log.Select((next, i) => (next, i)).Last(entry => entry.next is ToolCallStarted { Tool.ToolCallId: "call_1" }).i;

        var (_, owner) = await scene.ResumeAsync(log[..(again + 1)]);

        AssertAsked(owner, "call_1");
        Assert.Equal(log.OfType<RunTakenOver>().Max(taken => taken.Generation) + 1, owner.State.Generation);
    }

    [Fact]
    public async Task An_owner_that_was_replaced_can_append_nothing()
    {
        var scene = new CrashScene(ToolEffect.Keyed, ToolEffect.Keyed);
        var log = await scene.RecordAsync();
        var store = await CrashScene.StoreAsync(Intended(log));
        var runId = ((RunAccepted)log[0]).Request.RunId;
        await using var engine = new TestEngine(new Agent { Name = "Worker" }, store);
        var replaced = await RunOwner.TakeOverAsync(engine.Services, (await store.ReadAsync(runId, Patience.Token))!, Patience.Token);
        var successor = await RunOwner.TakeOverAsync(engine.Services, (await store.ReadAsync(runId, Patience.Token))!, Patience.Token);

        await successor.CancelAsync();
        await successor.TurnAsync(Patience.Token);
        var length = (await engine.LogAsync(runId)).Count;
        await replaced.CancelAsync();
        await replaced.TurnAsync(Patience.Token);

        Assert.True(replaced.IsLost);
        Assert.False(successor.IsLost);
        Assert.Equal(length, (await engine.LogAsync(runId)).Count);
    }

    private static ImmutableArray<RunEvent> Intended(ImmutableArray<RunEvent> log) => log[..(log.ToList().FindLastIndex(next => next is ToolCallStarted) + 1)];

    private static async Task<(TestEngine Engine, RunOutput Paused)> PauseInDoubtAsync(CrashScene scene)
    {
        var (engine, owner) = await scene.ResumeAsync(Intended(await scene.RecordAsync()));
        AssertAsked(owner, "call_1");
        return (engine, owner.State.Output);
    }

    private static ToolExecution Waiting(RunOutput paused) => paused.Tools!.Value.Single(tool => tool.IsWaiting);

    private static Messages.Message Outcome(RunOutput run, string callId) => run.Messages!.Value.Single(message => message.ToolCallId == callId);

    private static bool IsInDoubt(ImmutableArray<RunEvent> prefix, string callId) =>
        prefix.Any(next => next is ToolCallStarted started && started.Tool.ToolCallId == callId)
        && !prefix.Any(next => next is ToolCallSettled settled && settled.Tool.ToolCallId == callId);

    private static void AssertAsked(RunOwner owner, string callId)
    {
        Assert.Equal(RunPhase.Paused, owner.State.Phase);
        var waiting = Waiting(owner.State.Output);
        Assert.Equal(callId, waiting.ToolCallId);
        Assert.Null(waiting.Confirmed);
        Assert.Null(waiting.Result);
        Assert.Contains(owner.State.Output.Requirements!.Value, requirement => requirement.ToolExecution.ToolCallId == callId);
    }

    private static void AssertCompleted(RunOwner owner, int length)
    {
        var output = owner.State.Output;
        Assert.True(output.Status == RunStatus.Completed, $"After {length} events the run is {output.Status}: {output.Content}");
        Assert.Equal(CrashScene.Answer, output.Content?.Text);
        Assert.Equal(["user", "assistant", "tool", "tool", "assistant"], output.Messages!.Value.Select(message => message.Role));
        Assert.Equal(["worked call_1", "worked call_2"], output.Messages!.Value[2..4].Select(message => message.Content));
    }

    private static void AssertNoSettledCallRepeated(IEnumerable<RunEvent> prefix, IEnumerable<string?> executions) =>
        Assert.Empty(prefix.OfType<ToolCallSettled>().Select(settled => settled.Tool.ToolCallId).Intersect(executions.Select(key => key![^6..])));

    private static async Task AssertGaplessAsync(TestEngine engine, RunOutput run)
    {
        Builders.AssertGapless(RunEventLog.ToPublic(await engine.LogAsync(run.RunId)));
        Assert.Equal(["user", "assistant", "tool", "tool", "assistant"], run.Messages!.Value.Select(message => message.Role));
        await engine.DisposeAsync();
    }
}
