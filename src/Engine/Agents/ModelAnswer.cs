using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Agents;

/// <summary>How clients hear what a model says.</summary>
internal enum Speech
{
    /// <summary>Word by word, as the answer.</summary>
    Aloud,

    /// <summary>Word by word, as something that another model will word anew.</summary>
    Intermediate,

    /// <summary>Word by word, as thoughts before the answer.</summary>
    Thinking,

    /// <summary>At the end, as one piece: an object cannot be told word by word.</summary>
    Whole,

    /// <summary>Not at all.</summary>
    Silent,
}

/// <summary>Collects what a model says.</summary>
/// <param name="run">The run that asked.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="speech">How clients hear it.</param>
internal sealed class ModelAnswer(AgentRun run, TimeProvider timeProvider, Speech speech)
{
    private static readonly UsageDetails NoUsage = new();

    private readonly List<ContentPiece> _pieces = [];
    private readonly List<RunEvent> _told = [];
    private readonly List<MessageToolCall> _calls = [];
    private readonly System.Text.StringBuilder _text = new();
    private System.Text.StringBuilder? _reasoning;
    private SignedThoughts? _thoughts;
    private UsageDetails? _usage;
    private readonly WellFormedText.Joiner _textLetters = new();
    private readonly WellFormedText.Joiner _reasoningLetters = new();
    private readonly long _askedAt = timeProvider.GetTimestamp();
    private readonly double _askedAfter = run.Stamp.UnixTime - run.State.StartedAt;
    private double? _firstUpdateAt;
    private double? _firstTextAt;

    /// <summary>Gets or sets what went wrong; null while nothing did.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Gets the tokens as far as the provider told them.</summary>
    public UsageDetails Usage => _usage ?? NoUsage;

    /// <summary>Gets a value indicating whether all counts could be true. Others were brought into bounds.</summary>
    public bool HasPlausibleUsage { get; private set; } = true;

    /// <summary>Gets the id that the provider gave to the answer; null when it told none.</summary>
    public string? ResponseId { get; private set; }

    /// <summary>Gets the model that answered; null when the provider did not tell.</summary>
    public string? ResponseModel { get; private set; }

    /// <summary>Gets why the model stopped; null when the provider did not tell.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>Gets the seconds from the request to the first thing that the model said; null when it said nothing.</summary>
    public double? TimeToFirstUpdate => _firstUpdateAt - _askedAfter;

    /// <summary>Gets the seconds from the start of the run to the first thing that the model said; null when it said nothing.</summary>
    public double? FirstPieceAt => _firstUpdateAt;

    /// <summary>Gets the seconds from the start of the run until now.</summary>
    public double Elapsed => _askedAfter + timeProvider.GetElapsedTime(_askedAt).TotalSeconds;

    /// <summary>Gets the text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Gets the thoughts so far.</summary>
    public string Reasoning => _reasoning?.ToString() ?? string.Empty;

    /// <summary>Gets what a model thought that was asked to: what it marks as thoughts, else all that it said.</summary>
    public string Thoughts => _reasoning is { Length: > 0 } ? Reasoning : Text;

    /// <summary>Gets what clients heard.</summary>
    public IReadOnlyList<ContentPiece> Pieces => _pieces;

    /// <summary>Gets the tokens that were counted.</summary>
    private MessageMetrics Count() => new()
    {
        InputTokens = Usage.InputTokenCount ?? 0,
        OutputTokens = Usage.OutputTokenCount ?? 0,
        TotalTokens = Usage.TotalTokenCount ?? Saturating.Add(Usage.InputTokenCount ?? 0, Usage.OutputTokenCount ?? 0),
        CacheReadTokens = Usage.CachedInputTokenCount ?? 0,
        ReasoningTokens = Usage.ReasoningTokenCount ?? 0,
        TimeToFirstToken = _firstTextAt,
    };

    /// <summary>Tells what the answer cost.</summary>
    public MessageMetrics CostOf(ChatModel model)
    {
        var tokens = Count();
        return model.Price is { } price ? tokens with { Cost = price.Of(tokens) } : tokens;
    }

    /// <summary>Takes in one update of the stream.</summary>
    /// <returns>What clients hear of it; good until the next update.</returns>
    public List<RunEvent> Hear(ChatResponseUpdate update)
    {
        _told.Clear();
        _firstUpdateAt ??= Elapsed;
        ResponseId ??= update.ResponseId;
        ResponseModel ??= update.ModelId;
        FinishReason = update.FinishReason?.Value ?? FinishReason;
        for (var i = 0; i < update.Contents.Count; i++)
        {
            switch (update.Contents[i])
            {
                case TextContent { Text.Length: > 0 } text:
                    _firstTextAt ??= timeProvider.GetElapsedTime(_askedAt).TotalSeconds;
                    if (Say(_textLetters.Hear(text.Text)) is { } said)
                    {
                        _told.Add(said);
                    }

                    break;
                case TextReasoningContent thought when ThinkTags.IsTurn(thought):
                    TakeForThought();
                    break;
                case TextReasoningContent thought:
                    (_thoughts ??= new SignedThoughts()).Hear(thought);
                    if (Think(_reasoningLetters.Hear(thought.Text)) is { } meant)
                    {
                        _told.Add(meant);
                    }

                    break;
                case FunctionCallContent call:
                    _calls.Add(new MessageToolCall(NewCallId(WellFormedText.Of(call.CallId)), new MessageFunctionCall(WellFormedText.Of(call.Name), ChatMessages.WriteArguments(call)))
                    {
                        ExtraContent = ChatMessages.ExtraOf(call),
                    });
                    break;
                case UsageContent usage:
                    HasPlausibleUsage &= TokenCounts.ArePlausible(usage.Details);
                    Count(TokenCounts.Tame(usage.Details));
                    break;
            }
        }

        return _told;
    }

    /// <summary>Gives the events of an answer that came to its end.</summary>
    /// <param name="model">The model that was asked.</param>
    /// <param name="schema">What the answer has to look like; null for text.</param>
    public IEnumerable<RunEvent> Complete(ChatModel model, OutputSchema? schema)
    {
        if (Think(_reasoningLetters.Finish()) is { } thought)
        {
            yield return thought;
        }

        if (Say(_textLetters.Finish()) is { } text)
        {
            yield return text;
        }

        var cost = CostOf(model);
        if (speech == Speech.Whole)
        {
            yield return Speak(ToWhole(schema));
        }

        yield return run.Stamp.Mark(new ModelResponded([.. _pieces], NewMessage(cost)) { FirstPieceAt = _firstUpdateAt, Elapsed = Elapsed });
        yield return run.Stamp.Mark(new ModelRequestCompleted
        {
            Model = model.Id,
            ModelProvider = model.Provider,
            InputTokens = cost.InputTokens,
            OutputTokens = cost.OutputTokens,
            TotalTokens = cost.TotalTokens,
            TimeToFirstToken = cost.TimeToFirstToken,
            ReasoningTokens = cost.ReasoningTokens,
            CacheReadTokens = cost.CacheReadTokens,
            CacheWriteTokens = cost.CacheWriteTokens,
        });
    }

    /// <summary>Gives what was said until the call failed.</summary>
    public RunEvent Interrupt() => run.Stamp.Mark(new ModelResponded([.. _pieces], null) { FirstPieceAt = _firstUpdateAt, Elapsed = Elapsed });

    /// <summary>Gives what was said so far as a message.</summary>
    public Message ToMessage() => NewMessage(null);

    /// <summary>Gives the event of a piece and remembers it.</summary>
    public RunEvent Speak(ContentPiece piece)
    {
        _pieces.Add(piece);
        return run.Stamp.Mark(RunEventLog.ToDelta(piece, Elapsed));
    }

    private void Count(UsageDetails more)
    {
        if (_usage is null)
        {
            _usage = more;
        }
        else
        {
            _usage.Add(more);
        }
    }

    private RunEvent? Say(string text)
    {
        _text.Append(text);
        return text.Length > 0 && ToPiece(text, null) is { } piece ? Speak(piece) : null;
    }

    private RunEvent? Think(string thought)
    {
        if (thought.Length == 0)
        {
            return null;
        }

        (_reasoning ??= new System.Text.StringBuilder()).Append(thought);
        return ToPiece(null, thought) is { } piece ? Speak(piece) : null;
    }

    /// <summary>What was said so far turns out to be thought. Clients have heard it as answer; whoever reads the run later does not.</summary>
    private void TakeForThought()
    {
        (_reasoning ??= new System.Text.StringBuilder()).Append(_text);
        _text.Clear();
        for (var index = 0; index < _pieces.Count; index++)
        {
            if (_pieces[index] is { Kind: PieceKind.Answer, Text: { } said })
            {
                _pieces[index] = new ContentPiece(null, said);
            }
        }
    }

    /// <summary>
    /// Some models give no ids, others begin anew with each answer or each run. Ledger and idempotency keys need one for each call of the run, and models need one for
    /// each call that they are shown.
    /// </summary>
    private string NewCallId(string? given) =>
        string.IsNullOrEmpty(given) || _calls.Any(call => call.Id == given) || run.State.SpentCallIds.Contains(given)
            || run.State.Output.Tools?.Any(tool => tool.ToolCallId == given) == true || IsInHistory(given)
            ? "call_" + Guid.NewGuid().ToString("N")[..24]
            : given;

    private bool IsInHistory(string id) =>
        !run.State.History.IsDefault && run.State.History.Any(message => message.ToolCalls is { } calls && calls.Any(call => call.Id == id));

    private ContentPiece? ToPiece(string? text, string? reasoning) => speech switch
    {
        Speech.Aloud => new ContentPiece(text, reasoning),
        Speech.Intermediate => text is null ? new ContentPiece(null, reasoning) : new ContentPiece(text) { Kind = PieceKind.Intermediate },
        Speech.Thinking when reasoning is null && _reasoning is { Length: > 0 } => null,
        Speech.Thinking => new ContentPiece(null, reasoning ?? text) { Kind = PieceKind.Thinking },
        Speech.Whole => reasoning is null ? null : new ContentPiece(null, reasoning),
        _ => null,
    };

    /// <summary>An answer that calls tools is not the one that the schema is for.</summary>
    private ContentPiece ToWhole(OutputSchema? schema)
    {
        if (schema is null || _calls.Count > 0)
        {
            return new ContentPiece(Text);
        }

        // Streams name the schema of an answer that does not fit, too (contract, recorded from AgentOS); whole answers do not.
        return StructuredAnswer.Read(Text, schema) is { } json
            ? new ContentPiece(null) { Json = json, ContentType = schema.ContentType }
            : new ContentPiece(Text) { ContentType = run.State.IsStreamed ? schema.ContentType : null };
    }

    private Message NewMessage(MessageMetrics? metrics) => new()
    {
        Id = RandomId.New(),
        Role = MessageRole.Assistant,
        Content = _text.Length > 0 || _calls.Count == 0 ? Text : null,
        CreatedAt = run.Stamp.UnixSeconds,
        ReasoningContent = _reasoning is { Length: > 0 } ? Reasoning : null,
        ToolCalls = _calls.Count > 0 ? [.. _calls] : null,
        ProviderData = _thoughts?.ToProviderData(),
        Metrics = metrics,
    };
}
