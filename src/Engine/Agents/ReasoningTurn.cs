using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Runs;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

/// <summary>What an agent thinks before its model is asked for the answer. One call of the thinking model a step.</summary>
/// <param name="services">What the loop works with.</param>
internal sealed partial class ReasoningTurn(AgentLoopServices services)
{
    private readonly ILogger _logger = services.LoggerOf<ReasoningTurn>();

    /// <summary>Tells whether the run has to think before its model is asked.</summary>
    public static bool IsDue(AgentRun run) => run is { Agent.Reasoning: not null, State: { Stages.HasReasoned: false, ModelCalls: 0 } };

    /// <summary>Tells clients what tools thought that are on record and that they have not heard of.</summary>
    public static IEnumerable<RunEvent> Tell(AgentRun run)
    {
        if (!run.State.Stages.IsReasoning)
        {
            yield return run.Stamp.Mark(new ReasoningStarted());
        }

        var text = run.State.Output.ReasoningContent;
        foreach (var step in run.State.Stages.Untold)
        {
            text += Thoughts.ToText(step);
            yield return run.Stamp.Mark(new ReasoningStep(step) { ReasoningContent = text });
        }
    }

    /// <summary>Takes the next step.</summary>
    public async IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!run.State.Stages.IsReasoning)
        {
            yield return run.Stamp.Mark(new ReasoningStarted());
        }

        var settings = run.Agent.Reasoning!;
        var (model, refusal) = Resolve(settings.Model ?? settings.Agent?.Model ?? run.Agent.Model);
        if (model is null)
        {
            yield return Ending.Error(run.Stamp, refusal!, ModelException.ProviderError);
            yield break;
        }

        var events = IsEnough(run) ? AsyncEnumerable.ToAsyncEnumerable(Conclude(run, model, run.State.Output.ReasoningSteps ?? []))
            : model.Reasons && settings.Model is not null ? ThinkAsync(run, model, cancellationToken)
            : GuideAsync(run, model, cancellationToken);
        await foreach (var next in events)
        {
            yield return next;
        }
    }

    private static bool IsEnough(AgentRun run)
    {
        var settings = run.Agent.Reasoning!;
        var steps = run.State.Output.ReasoningSteps ?? [];
        return steps.Length >= settings.MaxSteps
            || run.State.Stages.ReasoningCalls >= settings.MaxSteps
            || (steps.Length >= settings.MinSteps && steps[^1].NextAction == Thoughts.FinalAnswer);
    }

    /// <summary>Lets a model that thinks by itself do so.</summary>
    private async IAsyncEnumerable<RunEvent> ThinkAsync(AgentRun run, ChatModel model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var said = new ModelAnswer(run, services.TimeProvider, Speech.Thinking);
        var call = ReasoningPrompt.Alone(run, model);
        await foreach (var next in call.AskAsync(services, run, said, cancellationToken))
        {
            yield return next;
        }

        if (said.Failure is { } failure)
        {
            LogGivenUp(failure.Message, run.Request.RunId);
            foreach (var next in Conclude(run, model, []))
            {
                yield return next;
            }

            yield break;
        }

        yield return run.Stamp.Mark(new ReasoningCompleted(new ReasoningStepsContent(said.Thoughts.Length > 0 ? [new ReasoningStepContent { Result = said.Thoughts }] : [])));
    }

    /// <summary>Asks any model for its next steps.</summary>
    private async IAsyncEnumerable<RunEvent> GuideAsync(AgentRun run, ChatModel model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var said = new ModelAnswer(run, services.TimeProvider, Speech.Silent);
        var call = ReasoningPrompt.Guided(run, model);
        await foreach (var next in call.AskAsync(services, run, said, cancellationToken))
        {
            yield return next;
        }

        var added = said.Failure is null ? Thoughts.Read(said.Text) : [];
        foreach (var next in Take(run, added))
        {
            yield return next;
        }

        if (added.IsEmpty)
        {
            LogGivenUp(said.Failure?.Message ?? "The answer holds no steps.", run.Request.RunId);
            foreach (var next in Conclude(run, model, run.State.Output.ReasoningSteps ?? []))
            {
                yield return next;
            }
        }
    }

    /// <summary>Takes steps as far as there may be more of them, up to a last one.</summary>
    private static IEnumerable<RunEvent> Take(AgentRun run, ImmutableArray<ReasoningStepContent> added)
    {
        var text = run.State.Output.ReasoningContent;
        foreach (var step in added.Take(run.Agent.Reasoning!.MaxSteps - (run.State.Output.ReasoningSteps ?? []).Length))
        {
            var isReset = step.NextAction == Thoughts.Reset;
            text = isReset ? string.Empty : text + Thoughts.ToText(step);
            yield return run.Stamp.Mark(new ReasoningStep(step) { ReasoningContent = text });
            if (isReset || step.NextAction == Thoughts.FinalAnswer)
            {
                yield break;
            }
        }
    }

    /// <summary>Puts the steps where the answering model reads them. From here on the run has thought.</summary>
    private static IEnumerable<RunEvent> Conclude(AgentRun run, ChatModel model, ImmutableArray<ReasoningStepContent> steps)
    {
        yield return ReasoningPrompt.Show(run, model, steps);
        yield return run.Stamp.Mark(new ReasoningCompleted(new ReasoningStepsContent(steps)));
    }

    private (ChatModel? Model, string? Refusal) Resolve(ModelSource? source)
    {
        try
        {
            return (services.Models.Resolve(source), null);
        }
        catch (EngineException refusal)
        {
            return (null, refusal.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} answers without further thought: {Reason}")]
    private partial void LogGivenUp(string reason, string runId);
}
