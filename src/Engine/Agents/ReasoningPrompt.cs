using System.Collections.Immutable;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Reasoning;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>What a model is asked that is led step by step, and how the answering model is shown what was thought.</summary>
internal static class ReasoningPrompt
{
    private const string Guide =
        """
        Think about the user's request before anybody answers it. Split it into small steps and take them one after another: say what is to be done, do it in your head,
        and say what came of it. Doubt what you found: check results another way, and name what you do not know instead of making it up. Where a step was a mistake, begin anew.
        You can call nothing and nobody hears you: the answer is given later, by somebody who reads your steps.
        """;

    /// <summary>Lets a model that thinks by itself do so.</summary>
    public static StageCall Alone(AgentRun run, ChatModel model) =>
        new(ModelUse.Reasoning, model with { Client = new ThinkTagChatClient(model.Client) }, run.State.Output.Messages ?? [], Speech.Thinking)
        {
            Reasoning = new ReasoningOptions { Output = ReasoningOutput.Full },
            Conclude = (answer, responded) => responded with { Messages = Show(run, answer.Thoughts) },
        };

    /// <summary>Asks any model for its next steps.</summary>
    public static StageCall Guided(AgentRun run, ChatModel model) =>
        new(ModelUse.Reasoning, model, Ask(run, model), Speech.Silent) { Format = StructuredAnswer.Format(model, Thoughts.Schema, useJsonMode: false) };

    /// <summary>Shows the steps to the model that answers. From here on the run has thought.</summary>
    public static RecoveryEvent Show(AgentRun run, ChatModel model, ImmutableArray<ReasoningStepContent> steps) => run.Stamp.Mark(new StageResponded(ModelUse.Reasoning, [])
    {
        Model = model.Id,
        ModelProvider = model.Provider,
        Messages = Show(run, string.Concat(steps.Select(Thoughts.ToText))),
        FirstPieceAt = run.State.FirstPieceAt,
        Elapsed = run.Stamp.UnixTime - run.State.StartedAt,
    });

    /// <summary>The conversation so far, under instructions for thinking, and the steps that were taken.</summary>
    private static ImmutableArray<Message> Ask(AgentRun run, ChatModel model)
    {
        var messages = run.State.Output.Messages ?? [];
        var system = SystemText(run.Agent.Reasoning!, model, messages.FirstOrDefault(message => message.Role == MessageRole.System)?.Content);
        var question = messages.RemoveAll(message => message.Role == MessageRole.System).Insert(0, Ending.NewMessage(MessageRole.System, system, run.Stamp));
        return run.State.Output.ReasoningSteps is not { IsEmpty: false } steps ? question : question.AddRange(
            Ending.NewMessage(MessageRole.Assistant, string.Concat(steps.Select(Thoughts.ToText)).Trim(), run.Stamp),
            Ending.NewMessage(MessageRole.User, "Take the next step.", run.Stamp));
    }

    /// <summary>Shows thoughts to the model that answers; nothing when there are none.</summary>
    private static ImmutableArray<Message> Show(AgentRun run, string thoughts) =>
        string.IsNullOrWhiteSpace(thoughts) ? [] : [Ending.NewMessage(MessageRole.Assistant, $"<thinking>\n{thoughts.Trim()}\n</thinking>", run.Stamp)];

    private static string SystemText(ReasoningSettings settings, ChatModel model, string? task)
    {
        var agent = settings.Agent;
        var own = agent is null ? string.Empty : string.Join('\n', new[] { agent.Description, agent.Role }.Concat(agent.Instructions.Lines).Where(text => !string.IsNullOrWhiteSpace(text)));
        return string.Join("\n\n", new[]
        {
            own.Length > 0 ? own : Guide,
            $"Take at least {settings.MinSteps} and at most {settings.MaxSteps} steps in all. The next_action of the last one is {Thoughts.FinalAnswer}.",
            StructuredAnswer.Prompt(model, Thoughts.Schema, useJsonMode: false),
            task is null ? null : $"This is what the one who answers was told:\n{task}",
        }.OfType<string>());
    }
}
