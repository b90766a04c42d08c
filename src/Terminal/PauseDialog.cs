using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;
using Cluster.Engine.Tools;
using Spectre.Console;

namespace Cluster.Terminal;

/// <summary>Asks a human about the tool calls that a run waits for.</summary>
/// <param name="console">Where to ask.</param>
internal sealed class PauseDialog(IAnsiConsole console)
{
    /// <summary>Asks about all of them.</summary>
    /// <returns>The calls with the answers.</returns>
    public async Task<ImmutableArray<ToolExecution>> AskAsync(RunOutput paused, CancellationToken cancellationToken)
    {
        var answers = ImmutableArray.CreateBuilder<ToolExecution>();
        foreach (var call in (paused.Tools ?? []).Where(tool => tool.IsWaiting))
        {
            console.MarkupLineInterpolated($"[magenta]{ResponseView.Line(call)}[/]");
            answers.Add(await AskAsync(call, cancellationToken));
        }

        return answers.DrainToImmutable();
    }

    private async Task<ToolExecution> AskAsync(ToolExecution call, CancellationToken cancellationToken)
    {
        if (call.RequiresConfirmation == true)
        {
            return await ConfirmAsync(call, cancellationToken);
        }

        if (call.ExternalExecutionRequired == true)
        {
            return call with { Result = await AskTextAsync("What did it give?", null, cancellationToken) };
        }

        var fields = ImmutableArray.CreateBuilder<UserInputField>();
        foreach (var field in call.UserInputSchema ?? [])
        {
            var text = await AskTextAsync(field.Description is null ? field.Name : $"{field.Name} ({field.Description})", field.Value, cancellationToken);
            fields.Add(field with { Value = ToJson(text, field.FieldType) });
        }

        return call with { UserInputSchema = fields.DrainToImmutable() };
    }

    private async Task<ToolExecution> ConfirmAsync(ToolExecution call, CancellationToken cancellationToken)
    {
        if (call.ConfirmationNote is { } note)
        {
            console.MarkupLineInterpolated($"[grey]{note}[/]");
        }

        if (await new ConfirmationPrompt("Go ahead?") { DefaultValue = false }.ShowAsync(console, cancellationToken))
        {
            return call with { Confirmed = true };
        }

        var reason = await new TextPrompt<string>("Why not? (may be empty)").AllowEmpty().ShowAsync(console, cancellationToken);
        return call with { Confirmed = false, ConfirmationNote = reason.Length > 0 ? reason : null };
    }

    private Task<string> AskTextAsync(string question, JsonElement? suggestion, CancellationToken cancellationToken)
    {
        var prompt = new TextPrompt<string>(Markup.Escape(question));
        return (suggestion is { } value ? prompt.DefaultValue(value.ToString()) : prompt).ShowAsync(console, cancellationToken);
    }

    /// <summary>Texts stay texts; numbers, lists and the like are written as JSON, and what is none is passed on as it was typed.</summary>
    private static JsonElement ToJson(string text, string fieldType)
    {
        if (fieldType != "str")
        {
            try
            {
                return JsonElement.Parse(text);
            }
            catch (JsonException)
            {
                // The tool says what is wrong with it.
            }
        }

        return JsonSerializer.SerializeToElement(text, EngineJson.Context.String);
    }
}
