using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Providers.Definitions;

namespace Cluster.Providers.Tests.Definitions;

public sealed class GuardrailDefinitionsTests
{
    [Fact]
    public void Names_and_settings_reach_the_guardrails()
    {
        var guardrails = Load(
            """
            - pii_detection
            - name: pii_detection
              mask_pii: true
              enable_ssn_check: false
              enable_credit_card_check: false
              enable_email_check: false
              enable_iban_check: false
              screen_values: true
              screen_answers: true
              custom_patterns: {Employee: 'E-\d{5}'}
            - prompt_injection
            - {name: prompt_injection, injection_patterns: [open sesame]}
            - own
            """);

        var all = Assert.IsType<PiiDetection>(guardrails[0]);
        var some = Assert.IsType<PiiDetection>(guardrails[1]);
        Assert.Equal((false, PiiPattern.All.Length), (all.MaskPii, all.Patterns.Length));
        Assert.Equal((true, true, true), (some.MaskPii, some.ScreenValues, some.ScreenAnswers));
        Assert.Equal(["Phone", "Employee"], some.Patterns.Select(pattern => pattern.Name));
        Assert.Equal([PromptInjectionDetection.DefaultPhrases, ["open sesame"]], guardrails.Skip(2).Take(2).Cast<PromptInjectionDetection>().Select(guardrail => guardrail.Phrases));
        Assert.IsType<Own>(guardrails[4]);
    }

    [Theory]
    [InlineData("- pii_detecton", "pii_detection")]
    [InlineData("- {name: pii_detection, mask: true}", "mask")]
    [InlineData("- {name: pii_detection, custom_patterns: {A: '(a)\\1'}}", "'A'")]
    public void What_is_wrong_is_named(string guardrails, string named) =>
        Assert.Contains(named, Assert.Throws<InvalidRequestException>(() => Load(guardrails)).Message, StringComparison.Ordinal);

    private static System.Collections.Immutable.ImmutableArray<IGuardrail> Load(string guardrails)
    {
        using var text = new StringReader("agents:\n  - name: A\n    guardrails:\n" + string.Join('\n', guardrails.Split('\n').Select(line => "      " + line)));
        return Assert.Single(AgentDefinitions.Load(text, new KnownTools([], []) { Guardrails = [new Own()] })).Guardrails;
    }

    private sealed class Own : IGuardrail
    {
        public string Name => "own";
    }
}
