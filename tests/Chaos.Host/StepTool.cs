using System.ComponentModel;
using System.Security.Cryptography;
using Cluster.Engine.Agents;
using Cluster.Engine.Models;
using Cluster.Engine.Tools;
using Microsoft.Extensions.Options;

namespace Cluster.Chaos.Host;

/// <summary>A tool that takes its time, writes into the ledger before and after, and answers with the number of its execution.</summary>
/// <param name="ledger">Where it leaves its traces.</param>
/// <param name="options">How long it takes.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class StepTool(Ledger ledger, IOptions<ChaosOptions> options, TimeProvider timeProvider)
{
    /// <summary>Makes an agent that calls the tool as often as its input says, one call after the other.</summary>
    /// <param name="id">The agent's id and name.</param>
    /// <param name="effect">What a repetition of the tool does.</param>
    /// <param name="requiresConfirmation">True when a human has to agree to each call.</param>
    public Agent CreateAgent(string id, ToolEffect effect, bool requiresConfirmation = false) => new()
    {
        Id = id,
        Name = id,
        Model = ModelSource.From(new StepsChatClient(TimeSpan.FromMilliseconds(options.Value.PieceMilliseconds), timeProvider)),
        Tools = [Tool.Create(StepAsync, new ToolOptions { Name = StepsChatClient.ToolName, Effect = effect, RequiresConfirmation = requiresConfirmation })],
    };

    [Description("Does one step.")]
    private async Task<string> StepAsync(int number, RunContext context, CancellationToken cancellationToken)
    {
        var entry = new LedgerEntry(context.RunId, context.ToolCallId!, Guid.NewGuid(), number);
        await ledger.WriteAsync(entry, hasFinished: false);
        var shortest = options.Value.ToolMilliseconds;
        await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(shortest, (2 * shortest) + 1)), timeProvider, cancellationToken);
        await ledger.WriteAsync(entry, hasFinished: true);
        return $"{number}:{entry.Attempt}";
    }
}
