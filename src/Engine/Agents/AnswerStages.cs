using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Cluster.Engine.Contexts;
using Cluster.Engine.Messages;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Agents;

/// <summary>What other models make of the answer: they word it anew, make an object of it, suggest what to ask next. One stage a step.</summary>
/// <param name="services">What the loop works with.</param>
internal sealed class AnswerStages(AgentLoopServices services)
{
    private const string ParserPrompt = "Put what the text says into the form that is asked for. Leave out nothing that has a place there, and add nothing.";

    /// <summary>Gives the next stage that is not done.</summary>
    /// <returns>Its events; null when all are done.</returns>
    public IAsyncEnumerable<RunEvent>? Next(AgentRun run, CancellationToken cancellationToken)
    {
        var (output, stages) = (run.Agent.Output, run.State.Stages);
        if (stages.IsReasoning)
        {
            return AsyncEnumerable.ToAsyncEnumerable<RunEvent>([run.Stamp.Mark(new ReasoningCompleted(new ReasoningStepsContent(run.State.Output.ReasoningSteps ?? [])))]);
        }

        if (output.OutputModel is not null && !stages.IsWorded)
        {
            return WordAsync(run, cancellationToken);
        }

        if (output.ParserModel is not null && run.Schema is not null && !stages.IsParsed)
        {
            return ParseAsync(run, cancellationToken);
        }

        return output.Followups is { } followups && run.State.Output.Followups is null ? SuggestAsync(run, followups, cancellationToken) : null;
    }

    private async IAsyncEnumerable<RunEvent> WordAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return run.Stamp.Mark(new OutputModelResponseStarted());
        var settings = run.Agent.Output;
        var model = services.Models.Resolve(settings.OutputModel);
        var messages = ShownConversation.Of(run.State);
        if (settings.OutputModelPrompt is { } prompt)
        {
            messages = messages.RemoveAll(message => message.Role == MessageRole.System).Insert(0, Ending.NewMessage(MessageRole.System, prompt, run.Stamp));
        }

        // The main model's own answer is what is worded anew: the last question stays the user's, as the contract has it (agent_semantics 8).
        var call = new StageCall(ModelUse.Output, model, messages, Speech.Aloud)
        {
            Conclude = (answer, responded) => responded with { Content = answer.Text },
        };
        var said = new ModelAnswer(run, services.TimeProvider, call.Speech);
        await foreach (var next in EndIfFailed(run, call.AskAsync(services, run, said, cancellationToken), said, new OutputModelResponseCompleted()))
        {
            yield return next;
        }
    }

    private async IAsyncEnumerable<RunEvent> ParseAsync(AgentRun run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return run.Stamp.Mark(new ParserModelResponseStarted());
        var (settings, schema) = (run.Agent.Output, run.Schema!);
        var model = services.Models.Resolve(settings.ParserModel);
        var system = string.Join("\n\n", new[] { settings.ParserModelPrompt ?? ParserPrompt, StructuredAnswer.Prompt(model, schema, settings.UseJsonMode) }.OfType<string>());
        var call = new StageCall(ModelUse.Parser, model, Ask(run, system, run.State.Output.Content?.ToString() ?? string.Empty), Speech.Silent)
        {
            Format = StructuredAnswer.Format(model, schema, settings.UseJsonMode),
            Conclude = (answer, responded) => StructuredAnswer.Read(answer.Text, schema) is { } json
                ? responded with
                {
                    Content = new ContentValue(null, json),
                    ContentType = schema.ContentType,
                    Pieces = [new ContentPiece(null) { Json = json, ContentType = schema.ContentType }],
                }
                : responded,
        };
        var said = new ModelAnswer(run, services.TimeProvider, call.Speech);
        await foreach (var next in EndIfFailed(run, call.AskAsync(services, run, said, cancellationToken), said, new ParserModelResponseCompleted()))
        {
            yield return next;
        }
    }

    private async IAsyncEnumerable<RunEvent> SuggestAsync(AgentRun run, FollowupSettings settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return run.Stamp.Mark(new FollowupsStarted());
        var model = services.Models.Resolve(settings.Model ?? run.Agent.Model);
        var system = $$"""
            Suggest {{settings.Count}} short things that the user may want to ask or do next, in the user's words.
            Answer with JSON only: {"suggestions": ["…"]}
            """;
        var text = $"The user asked:\n{run.Input.InputContent}\n\nThe answer was:\n{run.State.Output.Content}";
        var said = new ModelAnswer(run, services.TimeProvider, Speech.Silent);
        var call = new StageCall(ModelUse.Followup, model, Ask(run, system, text), Speech.Silent)
        {
            Format = model.StructuredOutput == Models.StructuredOutput.Prompt ? null : Microsoft.Extensions.AI.ChatResponseFormat.Json,
        };
        await foreach (var next in call.AskAsync(services, run, said, cancellationToken))
        {
            yield return next;
        }

        // An answer without suggestions is still an answer.
        yield return run.Stamp.Mark(new FollowupsCompleted(said.Failure is null ? Suggestions(said.Text, settings.Count) : []));
    }

    private static async IAsyncEnumerable<RunEvent> EndIfFailed(AgentRun run, IAsyncEnumerable<RunEvent> asked, ModelAnswer said, AgentEvent completed)
    {
        await foreach (var next in asked)
        {
            yield return next;
        }

        yield return said.Failure is { } failure
            ? Ending.Error(run.Stamp, failure.Message, (failure as Models.ModelException)?.ErrorType ?? Models.ModelException.ProviderError)
            : run.Stamp.Mark(completed);
    }

    private static ImmutableArray<Message> Ask(AgentRun run, string system, string user) =>
        [Ending.NewMessage(MessageRole.System, system, run.Stamp), Ending.NewMessage(MessageRole.User, user, run.Stamp)];

    private static ImmutableArray<string> Suggestions(string text, int count)
    {
        var schema = OutputSchema.FromJson(JsonElement.Parse(
            """{"type":"object","properties":{"suggestions":{"type":"array","items":{"type":"string"}}},"required":["suggestions"]}"""));
        return StructuredAnswer.Read(text, schema) is { } json
            ? [.. json.GetProperty("suggestions").EnumerateArray().Select(one => one.GetString()!).Where(one => one.Length > 0).Take(count)]
            : [];
    }
}
