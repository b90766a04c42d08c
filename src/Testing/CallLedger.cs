using System.Collections.Concurrent;
using Cluster.Engine.Agents;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Testing;

/// <summary>A call that really reached a tool.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="CallId">The call, as <see cref="RunChain.Scope"/> names it.</param>
/// <param name="Key">The key under which a repetition can be recognised.</param>
/// <param name="Result">What the tool answered; null while it works, and when it failed.</param>
internal sealed record LedgerEntry(string Tool, string CallId, string Key, string? Result);

/// <summary>Writes down which calls really reached their tools, in whatever process.</summary>
/// <param name="chain">The runs of the trial.</param>
internal sealed class CallLedger(RunChain chain)
{
    private readonly Lock _lock = new();
    private readonly ConcurrentQueue<LedgerEntry> _begun = new();
    private readonly ConcurrentDictionary<string, string> _results = new(StringComparer.Ordinal);
    private readonly List<Task> _working = [];
    private int _process;

    public IReadOnlyList<LedgerEntry> Calls => [.. _begun.Select(entry => entry with { Result = _results.GetValueOrDefault(entry.CallId) })];

    public string? ResultOf(string callId) => _results.GetValueOrDefault(callId);

    /// <summary>Gives the agent with the ledger between the loop and its tools, inside of the agent's own middleware; of a team also its members.</summary>
    public Agent Watch(Agent agent)
    {
        var process = _process;
        var watched = agent with { ToolCalls = agent.ToolCalls with { Middleware = agent.ToolCalls.Middleware.Add((call, next, token) => RecordAsync(process, call, next, token)) } };
        return watched is Team team ? team with { Members = [.. team.Members.Select(Watch)] } : watched;
    }

    /// <summary>Ends the process that was watched: none of its calls reaches a tool any more. What had reached one has its effect.</summary>
    /// <returns>A task that ends when the last of them has ended.</returns>
    public Task EndProcessAsync()
    {
        lock (_lock)
        {
            _process++;
            return Task.WhenAll(_working);
        }
    }

    private async ValueTask<ToolResult> RecordAsync(int process, ToolCall call, ToolCallNext next, CancellationToken cancellationToken)
    {
        if (call.IsDelegation)
        {
            // What members do stands here by itself.
            return await next(call, cancellationToken);
        }

        var callId = chain.Scope(call.Run.RunId, call.Run.ToolCallId!);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!TryBegin(process, new LedgerEntry(call.Name, callId, call.Run.IdempotencyKey!, null), ended.Task))
        {
            // Nothing in a process that was stopped does anything any more.
            await new TaskCompletionSource().Task;
        }

        try
        {
            var result = await next(call, cancellationToken);
            _results[callId] = result.Content;
            return result;
        }
        finally
        {
            ended.SetResult();
        }
    }

    private bool TryBegin(int process, LedgerEntry entry, Task ended)
    {
        lock (_lock)
        {
            if (process != _process)
            {
                return false;
            }

            _begun.Enqueue(entry);
            _working.Add(ended);
            return true;
        }
    }
}
