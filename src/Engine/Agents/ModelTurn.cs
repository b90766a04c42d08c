using System.Runtime.CompilerServices;
using Cluster.Engine.Contexts;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>One call of the main model, from the request to the message that it leaves behind.</summary>
/// <param name="services">What the loop works with.</param>
internal sealed class ModelTurn(AgentLoopServices services)
{
    public async IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (RunLimits.Check(run) is { } limit)
        {
            yield return limit;
            yield break;
        }

        var model = services.Models.Resolve(ModelChoice.Of(run));
        yield return run.Stamp.Mark(new ModelRequestStarted(model.Id, model.Provider));

        services.Meetings.Tell(run.Agent.AgentId, run.Naming, services.Loggers);
        var answer = new ModelAnswer(run, services.TimeProvider, SpeechOf(run));
        await foreach (var piece in new ModelQuestion(services).AskAsync(run, model, ShownConversation.Of(run.State), Options(run, model), answer, cancellationToken))
        {
            yield return piece;
        }

        if (answer.Failure is not { } failure)
        {
            foreach (var next in answer.Complete(model, run.Schema))
            {
                yield return next;
            }

            yield break;
        }

        yield return answer.Interrupt();
        await foreach (var next in new ModelFailure(services, run).HandleAsync(failure, model, cancellationToken))
        {
            yield return next;
        }
    }

    private static Speech SpeechOf(AgentRun run) => run.Agent.Output switch
    {
        { OutputModel: not null } => Speech.Intermediate,
        { ParserModel: null, Parse: true } when run.Schema is not null => Speech.Whole,
        _ => Speech.Aloud,
    };

    private static ChatOptions Options(AgentRun run, ChatModel model)
    {
        var options = run.NewOptions(model);
        options.Tools = [.. run.Tools.Select(tool => tool.ToDeclaration())];
        if (options.Tools.Count == 0)
        {
            options.Tools = null;
        }
        else
        {
            options.ToolMode = ToolMode(run) ?? options.ToolMode;
        }

        if (run is { Schema: { } schema, Agent.Output.ParserModel: null })
        {
            options.ResponseFormat = StructuredAnswer.Format(model, schema, run.Agent.Output.UseJsonMode);
        }

        return options;
    }

    /// <summary>A model that had to call a tool each time would never answer: it must until it has a result, and may not beyond the limit.</summary>
    private static ChatToolMode? ToolMode(AgentRun run)
    {
        var settled = (run.State.Output.Tools ?? []).Length;
        return run.Agent.ToolCalls switch
        {
            { Limit: { } limit } when settled >= limit => ChatToolMode.None,
            { Choice: null } => null,
            { Choice: "auto" } => ChatToolMode.Auto,
            { Choice: "none" } => ChatToolMode.None,
            _ when settled > 0 => ChatToolMode.Auto,
            { Choice: "required" } => ChatToolMode.RequireAny,
            { Choice: { } name } => ChatToolMode.RequireSpecific(name),
        };
    }
}
