using System.Collections.Immutable;
using Cluster.Engine.Approvals;
using Cluster.Engine.Errors;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;

namespace Cluster.Engine.Agents;

/// <summary>Decides how a run goes on when somebody asks for it.</summary>
/// <param name="state">The run, as its log tells it.</param>
/// <param name="agent">The agent; null when it no longer exists.</param>
/// <param name="approvals">The approvals that runs wait for; null where there are none, and then those who continue a run decide.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class Continuations(RunState state, Agent? agent, IApprovalStore? approvals, TimeProvider timeProvider)
{
    private readonly MessageCuts _cuts = new(state);

    private string RunId => state.Output.RunId;

    private bool IsOpen => !state.Calls.IsEmpty;

    /// <summary>Checks a wish, and says what is to be done.</summary>
    /// <exception cref="ConflictException">The run was cancelled, is at work, or does not wait for the answers.</exception>
    /// <exception cref="InvalidRequestException">The wishes contradict each other, an answer does not fit, a guardrail refuses one, or an approval is pending.</exception>
    public async Task<ContinuationPlan> PlanAsync(RunContinuation wish)
    {
        wish = wish with { From = _cuts.OnLog(wish.From) };
        Demand(wish);
        wish = Screen(wish);
        var added = Added(wish);
        if (wish.Fork || wish.Regenerate || state.Output.Status == RunStatus.Completed)
        {
            return ContinuationPlan.InNewRun(Fork(wish, added));
        }

        if (state.Phase == RunPhase.Paused && _cuts.KeepsAll(wish.From))
        {
            return ContinuationPlan.InPlace(await AnswerAsync(wish) with { Added = added, Streamed = wish.ByApproval ? null : wish.Streamed });
        }

        if (_cuts.Messages.IsEmpty && added is not null)
        {
            throw new InvalidRequestException($"Run {RunId} failed before it began, so nothing can be added to it. Start a new run in the session instead.");
        }

        return ContinuationPlan.InPlace(new RunRewound(_cuts.Messages.IsEmpty || (IsOpen && _cuts.KeepsAll(wish.From)) ? null : _cuts.Count(wish)) { Added = added, Streamed = wish.Streamed });
    }

    private void Demand(RunContinuation wish)
    {
        _ = wish switch
        {
            { Regenerate: true, Fork: true } => throw new InvalidRequestException("regenerate and fork exclude each other. Regenerating makes a new run anyway."),
            { Regenerate: false, ReplaceOriginal: not null } => throw new InvalidRequestException("replace_original can only be given with regenerate."),
            { Regenerate: true, From.MessageCount: not null } => throw new InvalidRequestException("regenerate takes no message index in continue_from. Use 'end' or 'last_user', or fork instead."),
            { Input: not null, AdditionalInstructions: not null } => throw new InvalidRequestException("input and additional_instructions exclude each other. Give one of them."),
            _ => wish,
        };
        var isAnswered = wish is { Tools: { IsEmpty: false } } or { Requirements: { IsEmpty: false } };
        var isPast = wish.ByApproval ? !ApprovalGate.IsAwaited(state) : state.Phase != RunPhase.Paused && isAnswered;
        if (state.Output.Status == RunStatus.Cancelled || !state.IsSettled || isPast)
        {
            throw Answers.NotPaused(state);
        }

        if (isAnswered && !_cuts.KeepsAll(wish.From))
        {
            throw new InvalidRequestException("Answers to tool calls and a continue_from that goes back behind them exclude each other. Give one of them.");
        }

        if (wish.Regenerate && state.Phase == RunPhase.Paused)
        {
            throw new InvalidRequestException($"Run {RunId} waits for a human and has no answer that could be given anew. Continue it, or fork it.");
        }
    }

    /// <summary>Lets guardrails see the answers before anything else does. What answers a team are requirements, in whatever form they were sent back.</summary>
    private RunContinuation Screen(RunContinuation wish) => state.Output.TeamId is null
        ? wish with { Tools = InputCheck.Screen(agent, TeamAnswers.Merge(state, wish)) }
        : wish with { Requirements = TeamAnswers.Screen(state, wish.Requirements ?? TeamAnswers.Of(state, wish.Tools), agent) };

    /// <summary>Checks what a human decided about the paused run, and what the approval says that it waits for.</summary>
    private async Task<AnswersReceived> AnswerAsync(RunContinuation wish)
    {
        if (state.Output.TeamId is not null)
        {
            return await AnswerTeamAsync(wish);
        }

        var approval = approvals is null ? null : await new ApprovalGate(approvals, timeProvider).DecideAsync(state, wish, agent);
        var tools = approval is null ? wish.Tools : ApprovalGate.Answer(state, wish.Tools, approval);
        return Answers.Check(state, tools, agent) with { Approval = approval, By = approval is null ? wish.By : approval.ResolvedBy };
    }

    private async Task<AnswersReceived> AnswerTeamAsync(RunContinuation wish)
    {
        var heard = approvals is null ? new HeardAnswers(wish.Requirements, null) : await new TeamApprovals(approvals, timeProvider).HearAsync(state, wish, agent);
        var answers = TeamAnswers.Check(state, heard.Given, agent);
        return wish.ByApproval && answers is { Tools.IsEmpty: true, Members: null }
            ? throw new InvalidRequestException(ApprovalGate.Unresolved)
            : answers with { Approval = heard.Approval, By = heard.Approval is null ? wish.By : heard.Approval.ResolvedBy };
    }

    /// <summary>Nothing that a guardrail masks is recorded, and nothing that one refuses.</summary>
    private Message? Added(RunContinuation wish)
    {
        if ((wish.AdditionalInstructions ?? wish.Input) is not { } text)
        {
            return null;
        }

        var input = new RunInput { InputContent = text };
        foreach (var guardrail in agent?.Guardrails ?? [])
        {
            (input, var refusal) = guardrail.Screen(input);
            if (refusal is not null)
            {
                throw new InvalidRequestException(refusal.Message);
            }
        }

        return new Message
        {
            Id = Guid.NewGuid().ToString(),
            Role = MessageRole.User,
            Content = input.InputContent.ToString(),
            CreatedAt = timeProvider.GetUtcNow().ToUnixTimeSeconds(),
        };
    }

    private RunRequest Fork(RunContinuation wish, Message? added)
    {
        if (_cuts.Messages.IsEmpty)
        {
            throw new InvalidRequestException($"Run {RunId} has no messages to go on from. Start a new run in the session instead.");
        }

        var request = state.Request!;
        return request with
        {
            RunId = wish.NewRunId ?? Guid.CreateVersion7().ToString(),
            Input = state.Output.Input ?? request.Input,
            SessionState = null,
            Refusal = null,
            WhenBusy = WhenBusy.Queue,
            IdempotencyKey = null,
            CopiedFrom = null,
            Streamed = wish.Streamed,
            TraceParent = null,
            Fork = Start(wish) with
            {
                Before = request.Fork?.Before ?? state.Sequence,
                Replaces = wish.Regenerate ? wish.ReplaceOriginal ?? true : null,
                Added = added,
            },
        };
    }

    private RunFork Start(RunContinuation wish)
    {
        var turn = state.Phase == RunPhase.Paused && _cuts.KeepsAll(wish.From) ? state.Apply(AnswerFork(wish)) : null;
        var messages = turn is null ? _cuts.Messages[.._cuts.Count(wish)] : _cuts.Messages;
        return new RunFork(RunId, messages)
        {
            HistoryAt = Math.Min(state.HistoryAt, messages.Length),
            IsCut = messages.Length < _cuts.Messages.Length,
            Tools = ForkFold.ToolsOf((turn ?? state).Output.Tools, messages) is { IsEmpty: false } tools ? tools : null,
            Thoughts = ThoughtsIn(messages),
            ToolNames = state.ToolNames.IsEmpty ? null : state.ToolNames,
            Turn = turn is null ? null : new OpenTurn(turn.Calls, turn.Output.Requirements ?? [])
            {
                By = turn.AnsweredBy,
                Followers = turn.Followers.IsEmpty ? null : turn.Followers,
                Media = MediaOf(turn.Output),
            },
        };
    }

    private ImmutableArray<Message>? ThoughtsIn(ImmutableArray<Message> messages) =>
        (state.Output.ReasoningMessages ?? []).RemoveAll(thought => messages.All(message => message.Id != thought.Id)) is { IsEmpty: false } thoughts ? thoughts : null;

    private static RunMedia? MediaOf(RunOutput output) => output is { Images: null, Videos: null, Audio: null, Files: null } ? null : new RunMedia
    {
        Images = output.Images ?? [],
        Videos = output.Videos ?? [],
        Audio = output.Audio ?? [],
        Files = output.Files ?? [],
    };

    /// <summary>An approval is about a call of one run, which is made once, and a member works for one run: neither can be answered in another run.</summary>
    private AnswersReceived AnswerFork(RunContinuation wish)
    {
        var waitsFor = approvals is not null && ApprovalGate.IsAwaited(state) ? "an approval"
            : (state.Output.Requirements ?? []).Any(requirement => requirement is { IsOpen: true, MemberRunId: not null }) ? "a member"
            : null;
        if (waitsFor is not null)
        {
            throw new InvalidRequestException($"Run {RunId} waits for {waitsFor}, which is for this run only. Continue it, or fork it from an earlier message with continue_from.");
        }

        var answers = state.Output.TeamId is null ? Answers.Check(state, wish.Tools, agent) : TeamAnswers.Check(state, wish.Requirements, agent);
        return answers with { By = wish.By };
    }
}
