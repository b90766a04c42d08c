using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>Reads what the model is shown of earlier runs. It costs as many records as are shown, however long the session is.</summary>
/// <param name="records">Where earlier runs are read.</param>
internal sealed class SessionHistory(IRunRecords records)
{
    private const int DefaultRuns = 3;

    public async ValueTask<ImmutableArray<Message>> ReadAsync(AgentRun run, CancellationToken cancellationToken)
    {
        var settings = run.Agent.History;
        if (!(run.Request.Overrides.AddHistoryToContext ?? settings.AddToContext))
        {
            return [];
        }

        // Every run has at least one message, so as many runs as messages are asked for are always enough.
        var query = new RunQuery(run.Request.SessionId)
        {
            Status = RunStatus.Completed,
            Before = run.Request.Fork?.Before ?? run.State.Sequence,
            Last = settings.Runs ?? settings.Messages ?? DefaultRuns,
            TopLevelOnly = run.Request.ParentRunId is null,

            // A member of a team remembers its own runs only.
            ComponentId = run.Request.ParentRunId is null ? null : run.Request.AgentId,
            MembersOnly = run.Request.ParentRunId is not null,
        };
        var ids = new CallIdsOfRuns();
        var messages = (await records.ListAsync(query, cancellationToken))
            .SelectMany(record => ids.MakeUnique(record.Output.RunId, Said(record.Output)))
            .Where(message => message.Role != MessageRole.System && !message.FromHistory)

            // A run that went on from another one has the messages of both.
            .Where(message => run.Request.Fork?.Messages.Any(own => own.Id == message.Id) != true)
            .DistinctBy(message => message.Id)
            .Select(message => message with { FromHistory = true })
            .ToList();
        if (settings is { Runs: null, Messages: { } count })
        {
            messages = LastWhole(messages, count);
        }

        return [.. settings.MaxToolCalls is { } calls ? KeepToolCalls(messages, calls) : messages];
    }

    /// <summary>What a run thought before its answer is of no use to later ones.</summary>
    private static IEnumerable<Message> Said(RunOutput output) =>
        output.ReasoningMessages is not { } thoughts ? output.Messages ?? [] : (output.Messages ?? []).Where(message => thoughts.All(thought => thought.Id != message.Id));

    /// <summary>Takes the last messages, without a tool result whose call was cut off: providers refuse such a conversation.</summary>
    private static List<Message> LastWhole(List<Message> messages, int count) =>
        [.. messages.Skip(Math.Max(0, messages.Count - count)).SkipWhile(message => message.Role == MessageRole.Tool)];

    /// <summary>Keeps the newest tool calls with their results and takes the others out of both sides.</summary>
    private static IEnumerable<Message> KeepToolCalls(List<Message> messages, int count)
    {
        var kept = messages.SelectMany(message => message.ToolCalls ?? []).Select(call => call.Id).Reverse().Take(count).ToHashSet(StringComparer.Ordinal);
        foreach (var message in messages)
        {
            if (message.Role == MessageRole.Tool && !kept.Contains(message.ToolCallId ?? string.Empty))
            {
                continue;
            }

            if (message.ToolCalls is not { } calls)
            {
                yield return message;
                continue;
            }

            var left = calls.RemoveAll(call => !kept.Contains(call.Id));
            if (left.Length > 0 || !string.IsNullOrEmpty(message.Content))
            {
                yield return message with { ToolCalls = left.Length > 0 ? left : null };
            }
        }
    }
}
