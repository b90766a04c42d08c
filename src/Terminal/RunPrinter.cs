using Cluster.Engine.Runs;
using Spectre.Console;

namespace Cluster.Terminal;

/// <summary>Prints runs: live, with frames, where somebody looks at it; as plain text, word by word, where the output goes elsewhere.</summary>
/// <param name="console">Where to print.</param>
/// <param name="options">What to print.</param>
internal sealed class RunPrinter(IAnsiConsole console, PrintOptions options)
{
    /// <summary>Prints events until they end.</summary>
    /// <param name="message">What was asked; null to leave it out.</param>
    /// <param name="events">The events.</param>
    /// <param name="runId">The run; null for the one that the first event is of. Events of other runs are those of members.</param>
    /// <returns>What was printed.</returns>
    public async Task<ResponseView> PrintAsync(string? message, IAsyncEnumerable<RunEvent> events, string? runId = null)
    {
        var view = new ResponseView(options.ShowMessage ? message : null, options) { RunId = runId };
        if (!console.Profile.Out.IsTerminal || !console.Profile.Capabilities.Ansi)
        {
            await PrintPlainlyAsync(view, events);
            return view;
        }

        await console.Live(view.Render()).Overflow(VerticalOverflow.Visible).StartAsync(async live =>
        {
            await foreach (var next in events)
            {
                view.Apply(next);
                live.UpdateTarget(view.Render());
            }
        });
        return view;
    }

    private async Task PrintPlainlyAsync(ResponseView view, IAsyncEnumerable<RunEvent> events)
    {
        var writer = console.Profile.Out.Writer;
        var isInLine = false;
        await foreach (var next in events)
        {
            view.Apply(next);
            var text = view.IsOfMember(next) ? view.MemberText(next) : ToText(next);
            if (string.IsNullOrEmpty(text))
            {
                continue;
            }

            // What is told about a run does not stand in the middle of its words.
            await writer.WriteAsync(isInLine && next is not RunContent && text[0] == '[' ? "\n" + text : text);
            isInLine = text[^1] != '\n';
        }
    }

    private string? ToText(RunEvent next) => next switch
    {
        RunContent { Content: { } content } => content.ToString(),
        ToolCallCompleted completed when options.ShowToolCalls => $"[{ResponseView.Line(completed.Tool)}]\n",
        RunPaused paused => $"{paused.Content}\n",
        RunError error => $"Error: {error.Content}\n",
        RunCompleted completed when options.ShowMetrics => $"\n{ResponseView.Describe(completed.Metrics)}\n",
        RunCompleted => "\n",
        _ => null,
    };
}
