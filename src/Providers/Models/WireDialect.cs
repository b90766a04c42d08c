using System.Collections.Immutable;
using Cluster.Providers.Models.Wire;

namespace Cluster.Providers.Models;

/// <summary>How a vendor differs from the others that speak chat completions.</summary>
internal sealed record WireDialect
{
    /// <summary>Gets what nearly all compatible vendors take.</summary>
    public static WireDialect Common { get; } = new();

    /// <summary>Gets what OpenAI itself takes.</summary>
    public static WireDialect OpenAI { get; } = new() { SystemRole = "developer", MaxTokens = "max_completion_tokens", CallIds = CallIdRule.UpTo40, StrictSchemas = true, TakesVideo = false, TakesTopK = false, ThinksInTags = false };

    /// <summary>Gets what of this counts for Anthropic.</summary>
    public static WireDialect Anthropic { get; } = new() { ThinksInTags = false, CallIds = CallIdRule.Plain64 };

    /// <summary>Gets what DeepSeek takes.</summary>
    public static WireDialect DeepSeek { get; } = new() { ReturnsReasoning = ReasoningReturn.WithToolCalls };

    /// <summary>Gets what Moonshot takes. It refuses thoughts that are empty.</summary>
    public static WireDialect Moonshot { get; } = new() { ReturnsReasoning = ReasoningReturn.Always, EmptyReasoning = " " };

    /// <summary>Gets what servers take that give members of their own and want them back.</summary>
    public static WireDialect Custom { get; } = new() { ReturnsExtras = true };

    /// <summary>Gets what Google takes.</summary>
    public static WireDialect Google { get; } = new() { ReturnsExtras = true, TakesVideo = false, TakesTopK = false, ThinksInTags = false };

    /// <summary>Gets what Mistral takes.</summary>
    public static WireDialect Mistral { get; } = new() { Seed = "random_seed", StreamOptions = false, CallIds = CallIdRule.Nine, ThinksInTags = false, EndsWithUser = true };

    private static ImmutableArray<(string[] Names, string[] Hosts, WireDialect Dialect)> Known { get; } =
    [
        (["openai"], ["api.openai.com"], OpenAI),
        (["deepseek"], ["api.deepseek.com"], DeepSeek),
        (["moonshot", "kimi"], ["api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"], Moonshot),
        (["mistral"], ["api.mistral.ai", "codestral.mistral.ai"], Mistral),
        (["google", "gemini"], ["generativelanguage.googleapis.com"], Google),
        (["groq"], ["api.groq.com"], Common),
    ];

    /// <summary>Finds out who is behind an address that configuration gives.</summary>
    /// <param name="name">What the vendor is called; OpenAI may be called at any address.</param>
    /// <param name="baseUrl">The address.</param>
    /// <returns>The dialect; null when nobody knows.</returns>
    public static WireDialect? Find(string name, Uri baseUrl) => Known
        .FirstOrDefault(known => known.Hosts.Contains(baseUrl.Host, StringComparer.OrdinalIgnoreCase) || (name != "openai" && known.Names.Contains(name, StringComparer.OrdinalIgnoreCase))).Dialect;

    /// <summary>Gets the role of system messages.</summary>
    public string SystemRole { get; init; } = "system";

    /// <summary>Gets the member that bounds the answer.</summary>
    public string MaxTokens { get; init; } = "max_tokens";

    /// <summary>Gets the member of the seed.</summary>
    public string Seed { get; init; } = "seed";

    /// <summary>Gets a value indicating whether usage has to be asked for; Mistral always sends it and refuses the question.</summary>
    public bool StreamOptions { get; init; } = true;

    /// <summary>Gets a value indicating whether output schemas are enforced to the letter.</summary>
    public bool StrictSchemas { get; init; }

    /// <summary>Gets when reasoning goes back. Most vendors ignore it, some refuse it, and some refuse tool calls without it.</summary>
    public ReasoningReturn ReturnsReasoning { get; init; }

    /// <summary>Gets what stands for the thoughts of a tool call that had none.</summary>
    public string EmptyReasoning { get; init; } = string.Empty;

    /// <summary>Gets a value indicating whether members of the vendor's own go back with messages and calls; strict vendors refuse what they do not know.</summary>
    public bool ReturnsExtras { get; init; }

    /// <summary>Gets which ids of tool calls the vendor takes.</summary>
    public CallIdRule CallIds { get; init; }

    /// <summary>Gets a value indicating whether models may put their thoughts between tags before the answer: open ones do where the server leaves it to them.</summary>
    public bool ThinksInTags { get; init; } = true;

    /// <summary>Gets a value indicating whether a conversation in chat completions has to end with the user or a tool; a model's own words at the end are refused.</summary>
    public bool EndsWithUser { get; init; }

    /// <summary>Gets a value indicating whether videos can be sent.</summary>
    public bool TakesVideo { get; init; } = true;

    /// <summary>Gets a value indicating whether <c>top_k</c> can be sent.</summary>
    public bool TakesTopK { get; init; } = true;
}
