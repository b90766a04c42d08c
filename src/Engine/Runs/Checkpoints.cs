using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Cluster.Engine.Errors;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Runs;

/// <summary>When a run shows a checkpoint: a place among its messages from which it can be gone on with. What is stored, and when, does not depend on it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckpointMode>))]
public enum CheckpointMode
{
    /// <summary>At its end. This is the default.</summary>
    [JsonStringEnumMemberName("runs")]
    Runs,

    /// <summary>Also behind the results of each turn's tool calls.</summary>
    [JsonStringEnumMemberName("tool-batch")]
    ToolBatch,
}

/// <summary>A place among the messages of a run from which the run can be gone on with. Its JSON is that of AgentOS.</summary>
public sealed record Checkpoint
{
    /// <summary>Gets the checkpoint's number as text, from 1; null for a place that was not marked as a checkpoint.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? CheckpointId { get; init; }

    /// <summary>Gets the run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>Gets the run's session.</summary>
    public string? SessionId { get; init; }

    /// <summary>Gets how many messages precede the place.</summary>
    public required int MessageIndex { get; init; }

    /// <summary>Gets what to send as <c>continue_from</c>.</summary>
    public int ContinueFrom => MessageIndex;

    /// <summary>Gets the run's status at the checkpoint.</summary>
    public required string Status { get; init; }

    /// <summary>Gets <c>checkpoint</c> behind tool results, <c>end</c> behind the last message, and <c>snapshot</c> elsewhere.</summary>
    public required string Reason { get; init; }

    /// <summary>Gets when the checkpoint was made, in Unix seconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Gets the message before the place.</summary>
    public required string MessageId { get; init; }

    /// <summary>Gets who said that message.</summary>
    public required string MessageRole { get; init; }

    /// <summary>Gets the beginning of that message, at most 120 characters.</summary>
    public required string MessagePreview { get; init; }

    /// <summary>Gets a value indicating whether no other checkpoint follows.</summary>
    public bool IsLatest { get; init; }
}

/// <summary>A run as it was at one message.</summary>
/// <param name="Checkpoint">The place.</param>
/// <param name="Snapshot">The run without what follows it.</param>
public sealed record CheckpointSnapshot(Checkpoint Checkpoint, RunOutput Snapshot);

/// <summary>Finds the checkpoints of runs.</summary>
public static class Checkpoints
{
    private const int PreviewLength = 120;

    /// <summary>Lists the checkpoints of a run.</summary>
    /// <param name="run">What the run amounts to.</param>
    /// <returns>The checkpoints, the earliest first; empty before the prompt was assembled.</returns>
    public static ImmutableArray<Checkpoint> Of(RunOutput run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var messages = OwnMessages(run);
        var places = Enumerable.Range(1, messages.Length).Where(index => index == messages.Length || messages[index - 1].CheckpointStatus is not null);
        return [.. places.Select((index, number) => At(run, messages, index) with
        {
            CheckpointId = $"{number + 1}",
            Reason = messages[index - 1].CheckpointStatus is null ? "end" : "checkpoint",
            IsLatest = index == messages.Length,
        })];
    }

    /// <summary>Gives a run as it was at one place among its messages.</summary>
    /// <param name="run">What the run amounts to.</param>
    /// <param name="messageIndex">How many messages precede the place, from 1.</param>
    /// <returns>The place, and the run without what follows it.</returns>
    /// <exception cref="InvalidRequestException">The run has fewer messages.</exception>
    public static CheckpointSnapshot Take(RunOutput run, int messageIndex)
    {
        ArgumentNullException.ThrowIfNull(run);
        var messages = OwnMessages(run);
        if (messageIndex < 1 || messageIndex > messages.Length)
        {
            throw new InvalidRequestException($"Message index {messageIndex} is out of range: run {run.RunId} has {messages.Length} messages.");
        }

        ImmutableArray<Message> kept = [.. messages[..messageIndex]];
        var tools = ForkFold.ToolsOf(run.Tools, kept);
        return new CheckpointSnapshot(
            Of(run).FirstOrDefault(checkpoint => checkpoint.MessageIndex == messageIndex) ?? At(run, messages, messageIndex),
            run with { LastCheckpointAtMessageIndex = messageIndex, Messages = kept, Tools = tools.IsEmpty ? null : tools });
    }

    /// <summary>Marks the last result of a turn's tool calls, when the run shows checkpoints there.</summary>
    /// <param name="before">The run before an event.</param>
    /// <param name="after">The run after it.</param>
    /// <param name="time">When it happened, in Unix seconds.</param>
    /// <returns>The run with the mark.</returns>
    internal static RunState Mark(RunState before, RunState after, long time)
    {
        if (after.Checkpoint != CheckpointMode.ToolBatch || before.Phase != RunPhase.Tools || after.Phase is not (RunPhase.Model or RunPhase.Answered)
            || after.Output.Messages is not [.., var last] messages || messages.Length <= (before.Output.Messages ?? []).Length)
        {
            return after;
        }

        return after with
        {
            Output = after.Output with
            {
                LastCheckpointAtMessageIndex = messages.Count(message => !message.FromHistory),
                Messages = messages.SetItem(messages.Length - 1, last with { CheckpointStatus = StatusOf(after.Output), CheckpointCreatedAt = time }),
            },
        };
    }

    private static Checkpoint At(RunOutput run, Message[] messages, int index)
    {
        var message = messages[index - 1];
        var text = message.Content ?? string.Empty;
        return new Checkpoint
        {
            RunId = run.RunId,
            SessionId = run.SessionId,
            MessageIndex = index,
            Status = message.CheckpointStatus ?? StatusOf(run),
            Reason = "snapshot",
            CreatedAt = message.CheckpointCreatedAt ?? message.CreatedAt,
            MessageId = message.Id,
            MessageRole = message.Role,
            MessagePreview = text.Length <= PreviewLength ? text : text[..(char.IsHighSurrogate(text[PreviewLength - 1]) ? PreviewLength - 1 : PreviewLength)],
        };
    }

    private static string StatusOf(RunOutput run) => run.Status.ToString().ToUpperInvariant();

    private static Message[] OwnMessages(RunOutput run) => [.. (run.Messages ?? []).Where(message => !message.FromHistory)];
}
