using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Sessions;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>The first step of a run: read the session, let guardrails and hooks look at the input, assemble the prompt.</summary>
/// <param name="services">What the loop works with.</param>
internal sealed class RunBeginning(AgentLoopServices services)
{
    public async IAsyncEnumerable<RunEvent> StepAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var startedAt = run.Stamp.UnixTime;
        var (model, refusal) = Resolve(run.Agent);
        if (run.State.Output.Status == RunStatus.Pending)
        {
            yield return run.Stamp.Mark(Opening(run, model));
        }

        if (refusal is not null)
        {
            yield return Ending.Error(run.Stamp, refusal, ModelException.ProviderError);
            yield break;
        }

        // A member of a team gets its state with its task.
        var isMember = run.Request.ParentRunId is not null;
        var (session, history) = await ReadAsync(run, isMember, cancellationToken);
        var metadata = MetadataOf(run, session);
        var initial = InitialState(run, session);
        if (FindExcess(run, session, initial) is { } excess)
        {
            yield return Ending.Error(run.Stamp, excess, nameof(TooLargeException));
            yield break;
        }

        var context = run.NewContext(run.NewState(initial), metadata ?? Json.EngineJson.EmptyObject);
        if (!ReferenceEquals(run.Agent.Dependencies, Dependencies.None) || run.Request.Dependencies is not null)
        {
            context = context with { Dependencies = await DependenciesAsync(run, context, cancellationToken) };
        }

        if (run.Request.Fork is null && run.Agent.ChecksInput)
        {
            // What another run left was looked at when that one began.
            var hooks = new InputHooks(services, run, context);
            await foreach (var next in hooks.CheckAsync(cancellationToken))
            {
                yield return next;
            }

            if (hooks.HasRefused)
            {
                yield break;
            }

            run = run with { State = run.State with { Output = run.State.Output with { Input = hooks.Input } } };
        }

        yield return run.Stamp.Mark(new HistoryLoaded(history));

        var prompt = run.Request.Fork is null ? await Prompt.AssembleAsync(run, context, model!, cancellationToken) : new PromptAssembled([], [], context.State.Kept);
        yield return run.Stamp.Mark(prompt with { StartedAt = startedAt, Dependencies = context.Dependencies, Metadata = metadata });
    }

    /// <summary>Both questions are asked at once: together they take as long as one. A session that was opened by this run holds nothing.</summary>
    private async Task<(SessionRecord? Session, ImmutableArray<Message> History)> ReadAsync(AgentRun run, bool isMember, CancellationToken cancellationToken)
    {
        if (run.State.OpensSession && !isMember)
        {
            return (null, []);
        }

        var history = new SessionHistory(services.Records).ReadAsync(run, cancellationToken).AsTask();
        var session = isMember ? null : await services.Sessions.FindAsync(run.Request.SessionId, cancellationToken);
        return (session, await history);
    }

    private static AgentEvent Opening(AgentRun run, ChatModel? model) =>
        run.Request.Fork is null ? new RunStarted(model?.Id ?? string.Empty, model?.Provider ?? string.Empty) : new RunContinued();

    private (ChatModel? Model, string? Refusal) Resolve(Agent agent)
    {
        try
        {
            return (services.Models.Resolve(agent.Model), null);
        }
        catch (EngineException refusal)
        {
            return (null, refusal.Message);
        }
    }

    /// <summary>Default state below, stored state over it, the request's on top.</summary>
    private static JsonElement InitialState(AgentRun run, SessionRecord? session)
    {
        var settings = run.Agent.SessionState;
        var state = settings.Initial ?? Json.EngineJson.EmptyObject;
        if (!settings.OverwriteStored || run.Request.SessionState is null)
        {
            state = SessionState.Merge(state, session?.SessionState);
        }

        return SessionState.Merge(state, run.Request.SessionState);
    }

    /// <summary>What many requests bring adds up. A session that has more already goes on, as long as no more is added.</summary>
    private static string? FindExcess(AgentRun run, SessionRecord? session, JsonElement state)
    {
        try
        {
            SessionState.Demand(session?.SessionState ?? run.Agent.SessionState.Initial ?? default, state, run.MaxStateBytes);
            return null;
        }
        catch (TooLargeException excess)
        {
            return excess.Message;
        }
    }

    /// <summary>What the request attaches lies below what the session has, and that below the agent's own: a caller changes neither.</summary>
    private static JsonElement? MetadataOf(AgentRun run, SessionRecord? session) =>
        Over(Over(run.Request.Metadata, session?.Metadata), run.Agent.Metadata);

    private static JsonElement? Over(JsonElement? below, JsonElement? above) => below is { } low && above is { } high ? SessionState.Merge(low, high) : above ?? below;

    private static async ValueTask<JsonElement> DependenciesAsync(AgentRun run, RunContext context, CancellationToken cancellationToken)
    {
        var settings = run.Agent.Dependencies;
        var values = settings.Values ?? Json.EngineJson.EmptyObject;
        if (settings.Compute is { } compute)
        {
            values = SessionState.Merge(values, await compute(context, cancellationToken));
        }

        return SessionState.Merge(values, run.Request.Dependencies);
    }
}
