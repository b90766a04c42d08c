using Cluster.Engine.Contexts;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>What is done about a long conversation before the model is asked: the cheapest first, one stage a step.</summary>
/// <param name="services">What the loop works with.</param>
/// <param name="run">The run.</param>
internal sealed class ContextStages(AgentLoopServices services, AgentRun run)
{
    /// <summary>A result that is hardly longer than the note in its place stays.</summary>
    private const int WorthClearing = 400;

    private readonly ContextSettings _settings = run.Agent.Context;

    /// <summary>Gives the next stage that is due.</summary>
    /// <returns>Its events; null when none is.</returns>
    public IAsyncEnumerable<RunEvent>? Next(CancellationToken cancellationToken)
    {
        if (_settings is { Compression: null, CompactionTool: false, MicroCompaction: null, AutoCompaction: null })
        {
            return null;
        }

        var size = new Lazy<ContextSize>(() => new ContextSize(run, services.Models.Resolve(ModelChoice.Of(run))));
        if (_settings.Compression is { } compression && new Compression(services, run, compression).Next(size, cancellationToken) is { } compressing)
        {
            return compressing;
        }

        var compaction = new Compaction(services, run);
        if (_settings.CompactionTool && run.State.Context.Requested is { } focus)
        {
            return compaction.AskedForAsync(focus, cancellationToken);
        }

        return Clear(size) is { } cleared
            ? AsyncEnumerable.ToAsyncEnumerable<RunEvent>([run.Stamp.Mark(cleared)])
            : Summarise(size, compaction, cancellationToken);
    }

    private ToolResultsCleared? Clear(Lazy<ContextSize> size)
    {
        if (_settings.MicroCompaction is not { } settings)
        {
            return null;
        }

        // Counting is the dearer question, so it comes second.
        var context = run.State.Context;
        var old = (run.State.Output.Messages ?? [])
            .Skip(ShownConversation.KeptAt(run.State))
            .Where(message => message.Role == MessageRole.Tool)
            .SkipLast(settings.KeepResults)
            .Where(message => !context.Cleared.ContainsKey(message.Id) && (message.CompressedContent ?? message.Content)?.Length > WorthClearing)
            .Select(message => message.Id)
            .ToArray();
        return old.Length > 0 && IsOver(size.Value, settings.Threshold) ? new ToolResultsCleared([.. old], 0) : null;
    }

    private IAsyncEnumerable<RunEvent>? Summarise(Lazy<ContextSize> size, Compaction compaction, CancellationToken cancellationToken) =>
        _settings.AutoCompaction is { } settings
        && run.State.Context.FailedAt != ContextFold.LastId(run.State)
        && compaction.Plan(settings.KeepMessages) is { } plan
        && IsOver(size.Value, settings.Threshold)
            ? compaction.SummariseAsync(plan, string.Empty, cancellationToken)
            : null;

    private static bool IsOver(ContextSize size, double threshold) => size.Count() > size.Window * threshold;
}
