using System.Collections.Immutable;
using System.Text.Json;
using Cluster.Engine.Json;
using Cluster.Engine.Runs;

namespace Cluster.Engine.Guardrails;

/// <summary>
/// Keeps personal data out: the run is refused, or goes on with stars in its place. In both cases what was found is masked before anything is recorded.
/// </summary>
public sealed class PiiDetection : IGuardrail
{
    /// <summary>The name in events and in definitions.</summary>
    public const string DefaultName = "pii_detection";

    /// <inheritdoc/>
    public string Name => DefaultName;

    /// <summary>Gets a value indicating whether the run goes on with each character of what was found replaced by <c>*</c>. The default is false: the run is refused.</summary>
    public bool MaskPii { get; init; }

    /// <summary>Gets what is looked for. The default is all that is built in.</summary>
    public ImmutableArray<PiiPattern> Patterns { get; init; } = PiiPattern.All;

    /// <summary>
    /// Gets a value indicating whether session state, dependencies and metadata of a request are screened, too. The default is false: they are data that
    /// programs hand to programs, and an id in them may look like a telephone number.
    /// </summary>
    public bool ScreenValues { get; init; }

    /// <summary>
    /// Gets a value indicating whether what humans answer to a paused run is screened, too. The default is false: a tool that asks for an address needs it.
    /// </summary>
    public bool ScreenAnswers { get; init; }

    /// <inheritdoc/>
    public ScreenedInput Screen(RunInput input)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var masked = InputTexts.Map(input, text => Mask(text, found));
        return found.Count == 0 ? new ScreenedInput(input) : new ScreenedInput(masked, Refuse(found));
    }

    /// <inheritdoc/>
    public ScreenedText Screen(string text, TextOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var masked = (origin == TextOrigin.Answer ? ScreenAnswers : ScreenValues) ? Mask(text, found) : text;
        return new ScreenedText(masked, found.Count == 0 ? null : Refuse(found));
    }

    private InputCheckException? Refuse(HashSet<string> found) => MaskPii ? null : new InputCheckException("Potential PII detected in input", CheckTrigger.PiiDetected)
    {
        AdditionalData = JsonSerializer.SerializeToElement(
            new Dictionary<string, JsonElement>
            {
                ["detected_pii"] = JsonSerializer.SerializeToElement(Patterns.Select(pattern => pattern.Name).Where(found.Contains).Distinct().ToArray(), EngineJson.Context.StringArray),
            },
            EngineJson.Context.DictionaryStringJsonElement),
    };

    private string Mask(string text, HashSet<string> found)
    {
        char[]? masked = null;
        foreach (var pattern in Patterns)
        {
            foreach (var place in pattern.Find(text))
            {
                found.Add(pattern.Name);
                (masked ??= text.ToCharArray()).AsSpan(place).Fill('*');
            }
        }

        return masked is null ? text : new string(masked);
    }
}
