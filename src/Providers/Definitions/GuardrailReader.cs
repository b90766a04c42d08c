using System.Collections.Immutable;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Providers.Guardrails;
using YamlDotNet.RepresentationModel;

namespace Cluster.Providers.Definitions;

/// <summary>Reads the guardrails of an agent.</summary>
/// <param name="known">The guardrails that may be named beside those that are built in.</param>
internal sealed class GuardrailReader(KnownTools known)
{
    private static readonly string[] BuiltIn = [PiiDetection.DefaultName, PromptInjectionDetection.DefaultName, OpenAIModeration.DefaultName];

    /// <summary>Reads the list: names, or mappings with <c>name</c> and settings.</summary>
    public ImmutableArray<IGuardrail> Read(YamlMap agent, string owner) => agent.List("guardrails") is { Count: > 0 } nodes ? [.. nodes.Select(node => Read(agent, node, owner))] : [];

    private IGuardrail Read(YamlMap agent, YamlNode node, string owner)
    {
        var settings = node is YamlScalarNode ? null : agent.Map(node, $"A guardrail of {YamlError.Within(owner)}");
        var name = settings?.RequiredText("name") ?? ((YamlScalarNode)node).Value ?? string.Empty;
        var guardrail = known.FindGuardrail(name) ?? name switch
        {
            PiiDetection.DefaultName => settings is null ? new PiiDetection() : ReadPii(settings),
            PromptInjectionDetection.DefaultName => settings is null ? new PromptInjectionDetection() : ReadInjection(settings),
            OpenAIModeration.DefaultName => known.NewModeration(settings is null ? new ModerationSettings() : ReadModeration(settings)),
            _ => throw agent.Error(node, $"{owner} names the unknown guardrail '{name}'. {YamlError.Suggest(name, known.Guardrails.Select(own => own.Name).Concat(BuiltIn))}"),
        };
        settings?.RefuseOthers();
        return guardrail;
    }

    private static PiiDetection ReadPii(YamlMap settings)
    {
        (string Key, PiiPattern Pattern)[] all =
        [
            ("enable_ssn_check", PiiPattern.SocialSecurityNumber),
            ("enable_credit_card_check", PiiPattern.CreditCard),
            ("enable_email_check", PiiPattern.Email),
            ("enable_phone_check", PiiPattern.Phone),
            ("enable_iban_check", PiiPattern.Iban),
        ];
        return new PiiDetection
        {
            MaskPii = settings.Flag("mask_pii"),
            ScreenValues = settings.Flag("screen_values"),
            ScreenAnswers = settings.Flag("screen_answers"),
            Patterns = [.. all.Where(one => settings.OptionalFlag(one.Key) ?? true).Select(one => one.Pattern), .. ReadPatterns(settings)],
        };
    }

    private static IEnumerable<PiiPattern> ReadPatterns(YamlMap settings)
    {
        if (settings.Object("custom_patterns") is not { } patterns)
        {
            yield break;
        }

        foreach (var pattern in patterns.EnumerateObject())
        {
            yield return Create(settings, pattern.Name, pattern.Value.ToString());
        }
    }

    private static PiiPattern Create(YamlMap settings, string name, string expression)
    {
        try
        {
            return PiiPattern.Create(name, expression);
        }
        catch (InvalidRequestException wrong)
        {
            throw settings.Error(settings.Node("custom_patterns")!, wrong.Message);
        }
    }

    private static PromptInjectionDetection ReadInjection(YamlMap settings) =>
        settings.Texts("injection_patterns") is { IsEmpty: false } phrases ? new PromptInjectionDetection { Phrases = phrases } : new PromptInjectionDetection();

    private static ModerationSettings ReadModeration(YamlMap settings) => new()
    {
        Model = settings.Text("moderation_model") ?? new ModerationSettings().Model,
        Categories = settings.Texts("raise_for_categories"),
        AllowWhenUnavailable = settings.Flag("allow_when_unavailable"),
    };
}
