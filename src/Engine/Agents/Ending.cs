using System.Text.Json;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>The ways in which a run ends.</summary>
internal static class Ending
{
    public static IEnumerable<RunEvent> Cancel(RunState state, EventStamp stamp, string? said = null)
    {
        var reason = $"Run {state.Request!.RunId} was cancelled";
        var pieces = SpokenPiece.ToArray(state.Spoken);
        var partial = string.Concat(pieces.Select(piece => piece.Text));
        var content = state.PauseText is null ? state.Output.Content?.ToString() + partial : partial;
        var elapsed = state.StartedAt > 0 ? stamp.UnixTime - state.StartedAt : 0;
        if (pieces.Length > 0)
        {
            var message = partial.Length == 0 ? null : NewMessage(MessageRole.Assistant, partial, stamp);
            yield return stamp.Mark(new ModelResponded(pieces, message) { FirstPieceAt = state.FirstPieceAt, Elapsed = elapsed });
        }

        // What a team's members have said counts, as long as the leader has said nothing.
        content = string.IsNullOrEmpty(content) ? said : content;
        var metrics = (state.Output.Metrics ?? RunMetrics.None) with { TimeToFirstToken = state.FirstPieceAt, Duration = elapsed };
        content = string.IsNullOrEmpty(content) ? reason : content;
        yield return stamp.Mark(new RunCancelled(content, reason));
        yield return Completed(state.Output with { Metrics = metrics }, state.SessionState, stamp, content);
    }

    public static IEnumerable<RunEvent> Fail(EventStamp stamp, string message, string errorType) => [Error(stamp, message, errorType)];

    public static RunEvent Error(EventStamp stamp, string message, string errorType) => stamp.Mark(new RunError(message) { ErrorType = errorType });

    /// <summary>Ends a run whose input or answer a hook or guardrail does not allow.</summary>
    public static RunEvent Refuse(EventStamp stamp, CheckException refusal) => stamp.Mark(
        new RunError(refusal.Message) { ErrorType = refusal.ErrorType, ErrorId = refusal.Trigger, AdditionalData = refusal.AdditionalData });

    public static Message NewMessage(string role, string? content, EventStamp stamp) =>
        new() { Id = RandomId.New(), Role = role, Content = content, CreatedAt = stamp.UnixSeconds };

    public static AgentEvent Completed(RunOutput output, JsonElement sessionState, EventStamp stamp, ContentValue content) => stamp.Mark(new RunCompleted
    {
        Content = content,
        ContentType = output.ContentType,
        Images = output.Images,
        Videos = output.Videos,
        Audio = output.Audio,
        Files = output.Files,
        ReasoningSteps = output.ReasoningSteps,
        ReasoningMessages = output.ReasoningMessages,
        ReasoningContent = output.ReasoningContent,
        Metadata = output.Metadata,
        SessionState = sessionState,
        Metrics = output.Metrics,
    });
}
