using Cluster.Engine.Contexts;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;

namespace Cluster.Engine.Agents;

/// <summary>How much of the window a run takes up: what the provider reported for its last call, and an estimate of what was added since.</summary>
/// <param name="run">The run.</param>
/// <param name="model">The model that is asked next.</param>
internal sealed class ContextSize(AgentRun run, ChatModel model)
{
    private const int Grossly = 2;
    private readonly TokenEstimator _estimator = new(model.Id);

    /// <summary>Gets the tokens that fit.</summary>
    public int Window => run.Agent.Context.Window ?? ModelWindows.Of(model.Id);

    /// <summary>Gives the tokens of the next call.</summary>
    public long Count()
    {
        var messages = ShownConversation.Of(run.State);
        var tools = _estimator.Count(run.Tools);
        if (LastReported(messages) is not (var index and > 0))
        {
            return tools + _estimator.Count(messages);
        }

        var cost = messages[index].Metrics!;
        var estimated = tools + _estimator.Count(messages[..index]);

        // Some servers report only what they had not cached, or nothing that makes sense: no estimate is off by so much.
        var asked = cost.InputTokens < estimated / Grossly || cost.InputTokens > (estimated + 100L) * Grossly ? estimated : cost.InputTokens;
        return asked + _estimator.Count(messages[index..]);
    }

    /// <summary>Gives the tokens of one message.</summary>
    public int Count(Message message) => _estimator.Count([message]);

    /// <summary>Finds the last answer of this run whose cost is that of the conversation as it is shown now.</summary>
    private int LastReported(IReadOnlyList<Message> messages)
    {
        for (var index = messages.Count - 1; index >= 0; index--)
        {
            if (messages[index].Id == run.State.Context.ChangedAt)
            {
                return -1;
            }

            if (messages[index] is { FromHistory: false, Metrics.InputTokens: > 0 })
            {
                return index;
            }
        }

        return -1;
    }
}
