using System.Globalization;
using System.Text;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Cluster.Terminal;

/// <summary>What a terminal shows of a run so far: a fold over its events.</summary>
/// <param name="message">What was asked; null to leave it out.</param>
/// <param name="options">What is shown.</param>
internal sealed class ResponseView(string? message, PrintOptions options)
{
    private const int LongestResult = 400;

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly List<ToolExecution> _calls = [];
    private readonly MemberViews _members = new();
    private string? _error;
    private string? _pause;
    private RunMetrics? _metrics;

    /// <summary>Gets the run; null before its first event.</summary>
    public string? RunId { get; set; }

    /// <summary>Gets a value indicating whether the run waits for a human.</summary>
    public bool IsPaused => _pause is not null;

    public void Apply(RunEvent next)
    {
        RunId ??= (next as AgentEvent)?.RunId;
        if (IsOfMember(next))
        {
            _members.Apply((AgentEvent)next);
            return;
        }

        _text.Append(Said(next));
        _reasoning.Append(Thought(next));
        switch (next)
        {
            case ToolCallStarted started:
                Put(started.Tool);
                break;
            case ToolCallCompleted completed:
                Put(completed.Tool);
                break;
            case RunPaused paused:
                _pause = paused.Content.ToString();
                break;
            case RunError error:
                _error = error.Content;
                break;
            case RunCompleted completed:
                _metrics = completed.Metrics;
                _members.Complete(completed.MemberResponses ?? []);
                break;
        }
    }

    /// <summary>Tells whether an event is one of a member of the team.</summary>
    public bool IsOfMember(RunEvent next) => next is AgentEvent { RunId: { } runId } && RunId is not null && runId != RunId;

    /// <summary>Gives what plain output tells of an event of a member, after it was applied.</summary>
    public string? MemberText(RunEvent next) => options.ShowMembers == true && next is RunCompleted or RunError ? _members.ToText(((AgentEvent)next).RunId!) : null;

    /// <summary>Shows it with frames and colours.</summary>
    public IRenderable Render()
    {
        var parts = new List<IRenderable>();
        AddPanel(parts, "Message", message, "cyan", asMarkdown: false);
        AddPanel(parts, "Thinking", options.ShowReasoning ? _reasoning.ToString() : null, "green", asMarkdown: false);
        AddPanel(parts, "Tool calls", options.ShowToolCalls && _calls.Count > 0 ? string.Join('\n', _calls.Select(Line)) : null, "yellow", asMarkdown: false);
        foreach (var (name, text) in options.ShowMembers == true ? _members.Answers : [])
        {
            AddPanel(parts, name, text, "purple", options.Markdown);
        }

        AddPanel(parts, "Response", _text.ToString(), "blue", options.Markdown);
        AddPanel(parts, "Waiting", _pause, "magenta", asMarkdown: false);
        AddPanel(parts, "Error", _error, "red", asMarkdown: false);
        AddPanel(parts, "Metrics", options.ShowMetrics ? Describe(_metrics) : null, "grey", asMarkdown: false);
        // A live display cannot measure nothing.
        return parts.Count == 0 ? new Text("…") : new Rows(parts);
    }

    /// <summary>Describes a call in a line.</summary>
    public static string Line(ToolExecution call)
    {
        var outcome = call switch
        {
            { Result: null } => "…",
            { ToolCallError: true } => "failed: " + Shorten(call.Result),
            _ => Shorten(call.Result),
        };
        return $"{call.ToolName}({(call.ToolArgs is { } arguments ? string.Join(", ", arguments.EnumerateObject().Select(one => $"{one.Name}={one.Value.GetRawText()}")) : string.Empty)}) → {outcome}";
    }

    /// <summary>Describes costs in a line.</summary>
    public static string? Describe(RunMetrics? metrics) => metrics is null ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"{metrics.InputTokens} + {metrics.OutputTokens} tokens, first word after {metrics.TimeToFirstToken ?? 0:0.00} s, {metrics.Duration ?? 0:0.00} s in all{(metrics.Cost is { } cost ? $", ${cost}" : string.Empty)}");

    internal static string? Said(RunEvent next) => next is RunContent { Content: { } content } ? ToText(content) : null;

    internal static string? ToText(ContentValue content) => content.Json is { } json ? Engine.Json.IndentedJson.ToText(json) : content.Text;

    private static string? Thought(RunEvent next) => next switch
    {
        RunContent content => content.ReasoningContent,
        ReasoningContentDelta delta => delta.ReasoningContent,
        ReasoningStep { Content: var step } => $"{step.Title}: {step.Reasoning}\n",
        _ => null,
    };

    private static void AddPanel(List<IRenderable> parts, string title, string? text, string colour, bool asMarkdown)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return;
        }

        parts.Add(new Panel(asMarkdown ? MarkdownView.Render(text) : new Text(text))
        {
            Header = new PanelHeader(title),
            Border = BoxBorder.Rounded,
            BorderStyle = Style.Parse(colour),
            Expand = true,
        });
    }

    private static string Shorten(string text) => text.Length <= LongestResult ? text : text[..LongestResult] + "…";

    private void Put(ToolExecution call)
    {
        var index = _calls.FindIndex(other => other.ToolCallId == call.ToolCallId);
        if (index < 0)
        {
            _calls.Add(call);
        }
        else
        {
            _calls[index] = call;
        }
    }
}
