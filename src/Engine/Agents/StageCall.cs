using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>A question to a model that does a part of the work beside the main one.</summary>
/// <param name="Use">What it is used for, a value of <see cref="ModelUse"/>.</param>
/// <param name="Model">Who is asked.</param>
/// <param name="Messages">What is asked.</param>
/// <param name="Speech">How clients hear the answer.</param>
internal sealed record StageCall(string Use, ChatModel Model, ImmutableArray<Message> Messages, Speech Speech)
{
    /// <summary>Gets what the provider is held to; null for text.</summary>
    public ChatResponseFormat? Format { get; init; }

    /// <summary>Gets how much the model thinks; null for as much as it likes.</summary>
    public ReasoningOptions? Reasoning { get; init; }

    /// <summary>Gets what becomes of an answer: what is recorded beside its cost.</summary>
    public Func<ModelAnswer, StageResponded, StageResponded> Conclude { get; init; } = static (_, responded) => responded;

    /// <summary>Asks. Whoever asks looks into <see cref="ModelAnswer.Failure"/>.</summary>
    public async IAsyncEnumerable<RunEvent> AskAsync(
        AgentLoopServices services, AgentRun run, ModelAnswer answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new ChatOptions { ModelId = Model.Id, ResponseFormat = Format, Reasoning = Reasoning };
        await foreach (var piece in new ModelQuestion(services).AskAsync(run, Model, Messages, options, answer, cancellationToken))
        {
            yield return piece;
        }

        var responded = new StageResponded(Use, [.. answer.Pieces])
        {
            Model = Model.Id,
            ModelProvider = Model.Provider,
            Cost = answer.Failure is null ? answer.CostOf(Model) : null,
            FirstPieceAt = Speech == Speech.Silent ? null : answer.FirstPieceAt,
            Elapsed = answer.Elapsed,
        };
        if (answer.Failure is not null)
        {
            yield return run.Stamp.Mark(responded);
            yield break;
        }

        responded = Conclude(answer, responded);
        foreach (var piece in responded.Pieces.Skip(answer.Pieces.Count).ToArray())
        {
            yield return answer.Speak(piece);
        }

        yield return run.Stamp.Mark(responded);
    }
}
