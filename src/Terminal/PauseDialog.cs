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

    /// <summary>Asks about all that a team and its members wait for.</summary>
    /// <returns>It, with the answers.</returns>
    public async Task<ImmutableArray<RunRequirement>> AskTeamAsync(RunOutput paused, CancellationToken cancellationToken)
    {
        var answers = ImmutableArray.CreateBuilder<RunRequirement>();
        foreach (var requirement in (paused.Requirements ?? []).Where(requirement => requirement.IsOpen))
        {
            console.MarkupLineInterpolated($"[magenta]{requirement.MemberAgentName ?? paused.TeamName ?? paused.TeamId}: {ResponseView.Line(requirement.ToolExecution)}[/]");
            answers.Add(requirement with { ToolExecution = await AskAsync(requirement.ToAnswer(), cancellationToken) });
        }

        return answers.DrainToImmutable();
    }

    private async Task<ToolExecution> AskAsync(ToolExecution call, CancellationToken cancellationToken)
    {
        if (call.RequiresConfirmation == true)
        {
            call = await ConfirmAsync(call, cancellationToken);
            if (call.Confirmed != true)
            {
                return call;
            }
        }

        if (call.ExternalExecutionRequired == true)
        {
            call = call with { Result = await AskTextAsync("What did it give?", null, cancellationToken) };
        }

        return call with
        {
            UserInputSchema = call.UserInputSchema is { } fields ? await FillAsync(fields, cancellationToken) : null,
            UserFeedbackSchema = call.UserFeedbackSchema is { } questions ? await ChooseAsync(questions, cancellationToken) : null,
        };
    }

    private async Task<ImmutableArray<UserInputField>> FillAsync(ImmutableArray<UserInputField> fields, CancellationToken cancellationToken)
    {
        var filled = ImmutableArray.CreateBuilder<UserInputField>(fields.Length);
        foreach (var field in fields)
        {
            var text = await AskTextAsync(field.Description is null ? field.Name : $"{field.Name} ({field.Description})", field.Value, cancellationToken);
            filled.Add(field with { Value = ToJson(text, field.FieldType) });
        }

        return filled.DrainToImmutable();
    }

    private async Task<ImmutableArray<UserFeedbackQuestion>> ChooseAsync(ImmutableArray<UserFeedbackQuestion> questions, CancellationToken cancellationToken)
    {
        var chosen = ImmutableArray.CreateBuilder<UserFeedbackQuestion>(questions.Length);
        foreach (var question in questions)
        {
            chosen.Add(question with { SelectedOptions = await ChooseAsync(question, cancellationToken) });
        }

        return chosen.DrainToImmutable();
    }

    private async Task<ImmutableArray<string>> ChooseAsync(UserFeedbackQuestion question, CancellationToken cancellationToken)
    {
        string[] labels = [.. (question.Options ?? []).Select(option => option.Label)];
        if (labels.Length == 0)
        {
            return [await AskTextAsync(question.Question, null, cancellationToken)];
        }

        return question.MultiSelect
            ? [.. await new MultiSelectionPrompt<string>().Title(Markup.Escape(question.Question)).UseConverter(Markup.Escape).AddChoices(labels).ShowAsync(console, cancellationToken)]
            : [await new SelectionPrompt<string>().Title(Markup.Escape(question.Question)).UseConverter(Markup.Escape).AddChoices(labels).ShowAsync(console, cancellationToken)];
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
        // The prompt would take brackets in a suggestion that it shows itself for markup.
        var proposed = suggestion?.ToString();
        var prompt = new TextPrompt<string>(Markup.Escape(proposed is null ? question : $"{question} ({proposed})"));
        return (proposed is null ? prompt : prompt.DefaultValue(proposed).HideDefaultValue()).ShowAsync(console, cancellationToken);
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
