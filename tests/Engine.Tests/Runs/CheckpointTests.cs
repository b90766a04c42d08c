using Cluster.Engine.Agents;
using Cluster.Engine.Errors;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Tests.Runs;

public sealed class CheckpointTests
{
    [Fact]
    public async Task A_run_shows_its_end_as_its_only_checkpoint()
    {
        var run = await RunAsync(CheckpointMode.Runs);

        var checkpoint = Assert.Single(Checkpoints.Of(run));

        Assert.Equal(("1", 6, "end", "COMPLETED", "assistant", "done", true), (
            checkpoint.CheckpointId, checkpoint.MessageIndex, checkpoint.Reason, checkpoint.Status, checkpoint.MessageRole, checkpoint.MessagePreview, checkpoint.IsLatest));
        Assert.Null(run.LastCheckpointAtMessageIndex);
    }

    [Fact]
    public async Task A_run_can_show_a_checkpoint_behind_each_turn_of_tool_calls()
    {
        var run = await RunAsync(CheckpointMode.ToolBatch);

        var checkpoints = Checkpoints.Of(run);

        Assert.Equal([3, 5, 6], checkpoints.Select(checkpoint => checkpoint.MessageIndex));
        Assert.Equal(["checkpoint", "checkpoint", "end"], checkpoints.Select(checkpoint => checkpoint.Reason));
        Assert.Equal(["RUNNING", "RUNNING", "COMPLETED"], checkpoints.Select(checkpoint => checkpoint.Status));
        Assert.Equal([null, null, "RUNNING", null, "RUNNING", null], run.Messages!.Value.Select(message => message.CheckpointStatus));
        Assert.Equal(5, run.LastCheckpointAtMessageIndex);
    }

    [Fact]
    public async Task A_run_is_shown_as_it_was_at_any_message()
    {
        var run = await RunAsync(CheckpointMode.ToolBatch);

        var (checkpoint, snapshot) = Checkpoints.Take(run, 2);

        Assert.Equal((null, "snapshot", 2, 2), (checkpoint.CheckpointId, checkpoint.Reason, checkpoint.ContinueFrom, snapshot.LastCheckpointAtMessageIndex));
        Assert.Equal(["user", "assistant"], snapshot.Messages!.Value.Select(message => message.Role));
        Assert.Equal(["c1"], snapshot.Tools!.Value.Select(tool => tool.ToolCallId));
        Assert.Equal("2", Checkpoints.Take(run, 5).Checkpoint.CheckpointId);
        Assert.Throws<InvalidRequestException>(() => Checkpoints.Take(run, 7));
        Assert.Throws<InvalidRequestException>(() => Checkpoints.Take(run, 0));
    }

    private static async Task<RunOutput> RunAsync(CheckpointMode mode)
    {
        await using var engine = new TestEngine(new Agent { Checkpoint = mode, Tools = [Tool.Create(() => "looked", new ToolOptions { Name = "look" })] });
        engine.Model.AnswerWithCall("look", id: "c1").AnswerWithCall("look", id: "c2").Answer("done");
        return await engine.RunAsync();
    }
}
