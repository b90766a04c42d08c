using System.Collections.Concurrent;
using Cluster.Engine.Agents;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Testing;

/// <summary>A call that really reached a tool.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="CallId">The call.</param>
/// <param name="Key">The key under which a repetition can be recognised.</param>
/// <param name="Result">What the tool answered; null while it works, and when it failed.</param>
internal sealed record LedgerEntry(string Tool, string CallId, string Key, string? Result);

/// <summary>Writes down which calls really reached their tools, in whatever process.</summary>
internal sealed class CallLedger
{
    private readonly ConcurrentQueue<LedgerEntry> _begun = new();
    private readonly ConcurrentDictionary<string, string> _results = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Task> _working = new();

    public IReadOnlyList<LedgerEntry> Calls => [.. _begun.Select(entry => entry with { Result = _results.GetValueOrDefault(entry.CallId) })];

    public string? ResultOf(string? callId) => callId is null ? null : _results.GetValueOrDefault(callId);

    /// <summary>Gives the agent with the ledger between the loop and its tools, inside of the agent's own middleware; of a team also its members.</summary>
    public Agent Watch(Agent agent)
    {
        var watched = agent with { ToolCalls = agent.ToolCalls with { Middleware = agent.ToolCalls.Middleware.Add(RecordAsync) } };
        return watched is Team team ? team with { Members = [.. team.Members.Select(Watch)] } : watched;
    }

    /// <summary>Waits until no tool works any more.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_working);

    private async ValueTask<ToolResult> RecordAsync(ToolCall call, ToolCallNext next, CancellationToken cancellationToken)
    {
        if (call.IsDelegation)
        {
            // What members do stands here by itself.
            return await next(call, cancellationToken);
        }

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _working.Enqueue(ended.Task);
        _begun.Enqueue(new LedgerEntry(call.Name, call.Run.ToolCallId!, call.Run.IdempotencyKey!, null));
        try
        {
            var result = await next(call, cancellationToken);
            _results[call.Run.ToolCallId!] = result.Content;
            return result;
        }
        finally
        {
            ended.SetResult();
        }
    }
}
