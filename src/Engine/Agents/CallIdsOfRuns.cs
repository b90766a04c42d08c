using System.Security.Cryptography;
using System.Text;
using Cluster.Engine.Messages;

namespace Cluster.Engine.Agents;

/// <summary>
/// Keeps the tool calls of different runs apart. Some models number their calls anew in each run; shown together, two calls of one id are refused by providers and counted as one.
/// The run that came first keeps its ids.
/// </summary>
internal sealed class CallIdsOfRuns
{
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <summary>Gives the messages of a run, its ids made of its own id where another run has them. Messages of earlier runs that it holds are left as they are.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="messages">Its messages.</param>
    public IEnumerable<Message> MakeUnique(string runId, IEnumerable<Message> messages)
    {
        foreach (var message in messages)
        {
            yield return message switch
            {
                { FromHistory: true } => message,
                { ToolCalls: { } calls } => message with { ToolCalls = [.. calls.Select(call => Of(runId, call.Id) is var id && id == call.Id ? call : call with { Id = id })] },
                { ToolCallId: { } called } => message with { ToolCallId = Of(runId, called) },
                _ => message,
            };
        }
    }

    private string Of(string runId, string id)
    {
        if (_owners.TryAdd(id, runId) || _owners[id] == runId)
        {
            return id;
        }

        return "call_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{runId}/{id}")))[..24];
    }
}
