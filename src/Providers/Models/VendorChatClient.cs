using System.Runtime.CompilerServices;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Cluster.Providers.Models;

/// <summary>
/// The one policy for all vendors: a call that fails before its first word is tried again, a vendor that falls silent is given up, and whatever
/// goes wrong becomes a <see cref="ModelException"/>. Answers are always streamed; whoever wants a whole one gets the stream's sum.
/// </summary>
/// <param name="inner">The vendor's client. It must not retry by itself.</param>
/// <param name="call">Who is called and with what patience.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where retries are noted.</param>
internal sealed partial class VendorChatClient(IChatClient inner, VendorCall call, TimeProvider timeProvider, ILogger logger)
    : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var conversation = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        for (var attempt = 0; ; attempt++)
        {
            var spoken = false;
            VendorFailure? failure = null;
            await foreach (var next in AttemptAsync(conversation, options, cancellationToken))
            {
                failure = next.Failure;
                if (next.Update is { } update)
                {
                    spoken = true;
                    yield return update;
                }
            }

            if (failure is null)
            {
                yield break;
            }

            var pause = Pause(failure, attempt);
            if (spoken || !failure.IsTransient || attempt >= call.Options.Retries || pause > call.Options.MaxRetryDelay)
            {
                throw call.ToModelException(failure);
            }

            LogRetry(call.Vendor.DisplayName, call.ModelId, failure.StatusCode, attempt + 1, call.Options.Retries, pause);
            await Task.Delay(pause, timeProvider, cancellationToken);
        }
    }

    /// <summary>Makes the call once. A failure comes back as the last value, because an iterator may not yield while it handles one.</summary>
    private async IAsyncEnumerable<Step> AttemptAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        await using var updates = InnerClient.GetStreamingResponseAsync(messages, options, stop.Token).GetAsyncEnumerator(stop.Token);
        ChatFinishReason? end = null;
        var hasSaid = false;
        while (true)
        {
            // The vendor's silence counts, not the time that the reader takes.
            silence.CancelAfter(call.Options.Timeout);
            var (hasNext, failure) = await NextAsync(updates, silence.Token, cancellationToken);
            silence.CancelAfter(Timeout.InfiniteTimeSpan);
            if (!hasNext)
            {
                if ((failure ?? call.Judge(end, hasSaid)) is { } shortfall)
                {
                    yield return new Step(null, shortfall);
                }

                yield break;
            }

            var update = updates.Current;
            end = update.FinishReason ?? end;
            hasSaid |= update.Contents.Any(content => content is TextContent { Text.Length: > 0 } or FunctionCallContent);
            if (update.FinishReason is not null && call.Judge(end, hasSaid) is { } broken)
            {
                // Nobody shall take the end of a failed answer for the end of an answer, and one without a word can be tried again.
                yield return new Step(null, broken);
                yield break;
            }

            if (update.Contents.Count > 0 || update.FinishReason is not null)
            {
                yield return new Step(update, null);
            }
        }
    }

    private async ValueTask<(bool HasNext, VendorFailure? Failure)> NextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken silence, CancellationToken cancellationToken)
    {
        try
        {
            return (await updates.MoveNextAsync(), null);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // A stopped call ends in whatever the torn connection throws; what its caller waits for is this.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception thrown) when ((silence.IsCancellationRequested ? call.Silence() : call.Understand(thrown)) is { } failure)
        {
            return (false, failure);
        }
    }

    private TimeSpan Pause(VendorFailure failure, int attempt)
    {
        if (failure.RetryAfter is { } asked)
        {
            return asked;
        }

        var doubled = call.Options.RetryDelay * Math.Pow(2, call.Options.ExponentialBackoff ? Math.Min(attempt, 16) : 0);
        return doubled < call.Options.MaxRetryDelay ? doubled : call.Options.MaxRetryDelay;
    }

    private sealed record Step(ChatResponseUpdate? Update, VendorFailure? Failure);
}
