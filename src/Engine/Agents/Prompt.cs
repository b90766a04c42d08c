using System.Collections.Immutable;
using System.Globalization;
using Cluster.Engine.Json;
using Cluster.Engine.Messages;
using Cluster.Engine.Models;
using Cluster.Engine.Outputs;
using Cluster.Engine.Runs;
using Cluster.Engine.Teams;
using Cluster.Engine.Tools;

namespace Cluster.Engine.Agents;

/// <summary>Assembles what the model is told, in Agno's order (agent_semantics 3 and 4 of the contract); the wording is our own.</summary>
/// <param name="run">The run.</param>
/// <param name="context">What templates are filled from.</param>
/// <param name="model">The model that is told.</param>
internal sealed class Prompt(AgentRun run, RunContext context, ChatModel model)
{
    private readonly PromptSettings _settings = run.Agent.Prompt;

    /// <summary>Assembles the prompt.</summary>
    public static async ValueTask<PromptAssembled> AssembleAsync(AgentRun run, RunContext context, ChatModel model, CancellationToken cancellationToken)
    {
        var prompt = new Prompt(run, context, model);
        return new PromptAssembled(await prompt.BeforeHistoryAsync(cancellationToken), prompt.AfterHistory(), context.State.Kept);
    }

    /// <summary>Gives the system message, if there is anything to say, and the additional input.</summary>
    public async ValueTask<ImmutableArray<Message>> BeforeHistoryAsync(CancellationToken cancellationToken)
    {
        var system = (_settings.SystemMessage is { } own ? Fill(own) : await SystemTextAsync(cancellationToken)).Trim();
        return system.Length == 0 ? _settings.AdditionalInput : _settings.AdditionalInput.Insert(0, Ending.NewMessage(MessageRole.System, system, run.Stamp));
    }

    /// <summary>Gives the user's message, or the messages when the input is some.</summary>
    public ImmutableArray<Message> AfterHistory()
    {
        var content = run.Input.InputContent;
        var given = content.Json is { } json ? InputMessages.Read(json, run.Stamp.UnixSeconds) : [];
        if (given.IsEmpty)
        {
            return [WithMedia(Ending.NewMessage(MessageRole.User, UserText(content), run.Stamp))];
        }

        var last = given.LastOrDefault(message => message.Role == MessageRole.User);
        var messages = last is null ? given : given.Replace(last, WithMedia(last));
        return run.Request.Background is { } background ? messages.Insert(0, Ending.NewMessage(MessageRole.User, background, run.Stamp)) : messages;
    }

    private string UserText(ContentValue content)
    {
        var text = Fill(content.Json is { } json ? InputMessages.ReadText(json) ?? IndentedJson.ToText(json) : content.ToString());
        text = run.Request.Background is { } background ? $"{background}\n\n{text}" : text;
        return run.Request.Overrides.AddDependenciesToContext ?? run.Agent.Dependencies.AddToContext
            ? $"{text}\n\n<additional context>\n{IndentedJson.ToText(context.Dependencies)}\n</additional context>"
            : text;
    }

    private Message WithMedia(Message message) =>
        run.Input is { Images: null, Audios: null, Videos: null, Files: null } && message is { Images: null, Audio: null, Videos: null, Files: null } ? message
        : _settings.SendMedia ? message with
        {
            Images = run.Input.Images ?? message.Images,
            Audio = run.Input.Audios ?? message.Audio,
            Videos = run.Input.Videos ?? message.Videos,
            Files = run.Input.Files ?? message.Files,
        }
        : message with { Images = null, Audio = null, Videos = null, Files = null };

    private async ValueTask<string> SystemTextAsync(CancellationToken cancellationToken)
    {
        var agent = run.Agent;
        var lines = agent.Instructions.Compute is { } compute ? await compute(context, cancellationToken) : agent.Instructions.Lines;
        var role = Tagged("your_role", agent.Role);
        var instructions = InstructionText(lines);
        var information = Tagged("additional_information", Bullets(AdditionalInformation()));
        var tools = Join([.. agent.Toolkits.Select(toolkit => toolkit.Instructions), .. agent.OfferedTools.Select(tool => tool.Options.Instructions)]);
        var expected = Tagged("expected_output", _settings.ExpectedOutput);
        var addsState = run.Request.Overrides.AddSessionStateToContext ?? agent.SessionState.AddToContext;
        var state = addsState ? Tagged("session_state", context.State.Kept.GetRawText()) : null;

        // Placeholders are filled in the first part of an agent's text, and in the whole of a leader's.
        return run.Team is { } team
            ? Fill(Join(
            [
                .. TeamPrompt.Of(team), Tagged("description", agent.Description), role, instructions, Tagged("attached_media", TeamPrompt.MediaOf(run.Input)),
                information, tools, expected, Tagged("additional_context", _settings.AdditionalContext), state, SchemaText(),
            ]))
            : Join([Fill(Join([agent.Description, role, instructions, information, tools])), expected, _settings.AdditionalContext, SchemaText(), state]);
    }

    /// <summary>With a parser model, the main one only has to know what it will be asked for.</summary>
    private string? SchemaText() => run.Schema is not { } schema ? null
        : run.Agent.Output.ParserModel is null ? StructuredAnswer.Prompt(model, schema, run.Agent.Output.UseJsonMode)
        : $"Your answer will be put into this form by somebody else. Say all that is needed for it.\n{IndentedJson.ToText(schema.Schema)}";

    private string? InstructionText(ImmutableArray<string> lines)
    {
        var text = lines.Length == 1 ? lines[0] : Bullets(lines);
        return _settings.UseInstructionTags ? Tagged("instructions", text) : text;
    }

    private IEnumerable<string> AdditionalInformation()
    {
        if (_settings.Markdown)
        {
            yield return "Format the answer as Markdown.";
        }

        if (_settings.AddDateTime)
        {
            var zone = _settings.TimeZone is { } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
            var now = TimeZoneInfo.ConvertTime(run.Stamp.UtcNow, zone);
            yield return string.Create(CultureInfo.InvariantCulture, $"It is now {now:yyyy-MM-dd HH:mm:ss zzz} ({zone.Id}).");
        }

        if (_settings.Location is { } location)
        {
            yield return $"The user is near {location}.";
        }

        if (_settings.AddName && run.Agent.Name is { } agentName)
        {
            yield return $"Your name is {agentName}.";
        }
    }

    /// <summary>Most texts have nothing to fill in; then nothing is put together to fill it from.</summary>
    private string Fill(string text) => _settings.ResolveTemplates && text.Contains('{', StringComparison.Ordinal)
        ? Template.Fill(text, run.Request.UserId, context.State.Value, context.Dependencies, context.Metadata)
        : text;

    private static string? Bullets(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => $"- {line}")) is { Length: > 0 } text ? text : null;

    private static string? Tagged(string tag, string? text) => string.IsNullOrEmpty(text) ? null : $"<{tag}>\n{text}\n</{tag}>";

    private static string Join(ReadOnlySpan<string?> parts)
    {
        var text = string.Empty;
        foreach (var part in parts)
        {
            text = string.IsNullOrEmpty(part) ? text : text.Length == 0 ? part : $"{text}\n{part}";
        }

        return text;
    }
}
