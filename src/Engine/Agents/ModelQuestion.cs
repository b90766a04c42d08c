using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Cluster.Engine.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Cluster.Engine.Agents;

/// <summary>One question to a model, whatever it is asked for.</summary>
/// <param name="services">What the loop works with.</param>
internal sealed partial class ModelQuestion(AgentLoopServices services)
{
    /// <summary>Asks, and passes on what clients hear. A failure is left in the answer.</summary>
    /// <param name="run">The run that asks.</param>
    /// <param name="model">Who is asked.</param>
    /// <param name="messages">What is asked.</param>
    /// <param name="options">How.</param>
    /// <param name="answer">Collects what is said.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "A cached client holds nothing but the model's, which lives as long as the model.")]
    public async IAsyncEnumerable<RunEvent> AskAsync(
        AgentRun run, ChatModel model, IReadOnlyCollection<Message> messages, ChatOptions options, ModelAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = ModelCallActivity.Start(run, model, messages, services.Telemetry.CaptureContent, services.TimeProvider);
        (var chat, answer.Failure) = await LoadAsync(messages, cancellationToken);
        if (chat is null)
        {
            call?.End(answer, answer.Failure);
            yield break;
        }

        await using var updates = Client(run, model).GetStreamingResponseAsync(chat, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            (var hasNext, answer.Failure) = await NextAsync(updates, call?.Activity, cancellationToken);
            if (!hasNext)
            {
                break;
            }

            foreach (var piece in answer.Hear(updates.Current))
            {
                yield return piece;
            }
        }

        call?.End(answer, answer.Failure);
        if (!answer.HasPlausibleUsage)
        {
            LogImplausibleUsage(services.Loggers.CreateLogger<ModelQuestion>(), run.Request.RunId, model.Id);
        }
    }

    /// <summary>A media store that is away is a failure like that of a model: the question can be asked again.</summary>
    private async ValueTask<(List<ChatMessage>? Chat, Exception? Failure)> LoadAsync(IReadOnlyCollection<Message> messages, CancellationToken cancellationToken)
    {
        try
        {
            return (ChatMessages.From(messages, await services.Media.LoadAsync(messages, cancellationToken)), null);
        }
        catch (UnavailableException failure)
        {
            return (null, failure);
        }
    }

    private IChatClient Client(AgentRun run, ChatModel model) =>
        run.Agent.ResponseCache is { } cache ? new CachedChatClient(model, services.Cache, cache) : model.Client;

    /// <summary>Moves on. A failure comes back as a value, because an iterator may not yield while it handles one.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a model client throws ends the run with an event, not the process.")]
    private static async ValueTask<(bool HasNext, Exception? Failure)> NextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, Activity? activity, CancellationToken cancellationToken)
    {
        if (activity is not null)
        {
            // An iterator forgets what is current each time that it yields.
            Activity.Current = activity;
        }

        try
        {
            return (await updates.MoveNextAsync(), null);
        }
        catch (Exception failure)
        {
            // A connection that is cut because the run is to stop is not a failure of the model.
            cancellationToken.ThrowIfCancellationRequested();
            return (false, failure);
        }
    }
}
