using Cluster.Engine.Contexts;
using Cluster.Engine.Messages;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Runs;

/// <summary>What shortening the conversation does to the state of a run.</summary>
internal static class ContextFold
{
    public static RunState Apply(RunState state, RunEvent next) => next switch
    {
        CompressionStarted => state with { Context = state.Context with { IsCompressing = true } },
        CompressionCompleted => state with { Context = Changed(state) with { IsCompressing = false } },
        ToolResultCompressed { Content: { } content } compressed => Compress(state, compressed.MessageId, content),
        ToolResultCompressed failed => state with { Context = state.Context with { Incompressible = state.Context.Incompressible.Add(failed.MessageId) } },
        ToolResultsCleared cleared => state with
        {
            Context = Changed(state) with
            {
                Cleared = state.Context.Cleared.SetItems(cleared.MessageIds.Select(id => KeyValuePair.Create(id, cleared.KeptCharacters))),
            },
        },
        ConversationCompacted compacted => state with
        {
            Context = Changed(state) with { Summary = compacted.Summary, FirstKept = compacted.FirstKept, Requested = null, FailedAt = null },
        },
        CompactionFailed => state with { Context = state.Context with { Requested = null, FailedAt = LastId(state) } },
        _ => TeamFold.Apply(state, next),
    };

    /// <summary>Notes that the model asked for a summary.</summary>
    public static RunState Settle(RunState state, ToolCallSettled settled) =>
        settled.Tool is { ToolName: CompactionTool.Name, ToolCallError: not true }
            ? state with { Context = state.Context with { Requested = CompactionTool.Focus(settled.Tool.ToolArgs) } }
            : state;

    /// <summary>Gives the id of the run's last message.</summary>
    public static string? LastId(RunState state) => state.Output.Messages is { IsEmpty: false } messages ? messages[^1].Id : null;

    private static ShownContext Changed(RunState state) => state.Context with { ChangedAt = LastId(state) };

    private static RunState Compress(RunState state, string messageId, string content) => state with
    {
        Output = state.Output with
        {
            Messages = [.. (state.Output.Messages ?? []).Select(message => message.Id == messageId ? Compress(message, content) : message)],
        },
    };

    private static Message Compress(Message message, string content) => message with { CompressedContent = content };
}
