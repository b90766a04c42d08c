using System.Collections.Immutable;
using Cluster.Engine.Models;

namespace Cluster.Providers.Models;

/// <summary>What is known of a vendor before anybody configures it.</summary>
/// <param name="Name">The name in references and in configuration, lower case.</param>
/// <param name="DisplayName">The provider's name in events and in the API.</param>
/// <param name="BaseUrl">Where its API is; null when only configuration can tell.</param>
internal sealed record ModelVendor(string Name, string DisplayName, string? BaseUrl)
{
    /// <summary>Gets every vendor that speaks OpenAI's chat completions, OpenAI first. This is the one place that lists them.</summary>
    public static ImmutableArray<ModelVendor> OpenAICompatible { get; } =
    [
        new("openai", "OpenAI", "https://api.openai.com/v1") { ClientName = "OpenAIChat", NeedsKey = true, Dialect = WireDialect.OpenAI, DefaultModelId = "gpt-5-mini" },
        new("deepseek", "DeepSeek", "https://api.deepseek.com/v1") { NeedsKey = true, Dialect = WireDialect.DeepSeek, StructuredOutput = StructuredOutput.JsonMode },
        new("groq", "Groq", "https://api.groq.com/openai/v1") { NeedsKey = true },
        new("lmstudio", "LMStudio", "http://localhost:1234/v1"),
        new("mistral", "Mistral", "https://api.mistral.ai/v1") { ClientName = "MistralChat", NeedsKey = true, Dialect = WireDialect.Mistral },
        new("ollama", "Ollama", "http://localhost:11434/v1"),
        new("openrouter", "OpenRouter", "https://openrouter.ai/api/v1") { NeedsKey = true },
        new("together", "Together", "https://api.together.xyz/v1") { NeedsKey = true },
        new("vllm", "VLLM", "http://localhost:8000/v1"),
        new("xai", "xAI", "https://api.x.ai/v1") { NeedsKey = true },
    ];

    /// <summary>Gets Anthropic, which speaks a language of its own.</summary>
    public static ModelVendor Anthropic { get; } = new("anthropic", "Anthropic", "https://api.anthropic.com") { ClientName = "Claude", NeedsKey = true, Dialect = WireDialect.Anthropic, DefaultModelId = "claude-sonnet-4-5", StructuredOutput = StructuredOutput.Prompt };

    /// <summary>Gets the name of the client kind in events and in the API.</summary>
    public string ClientName { get; init; } = DisplayName;

    /// <summary>Gets a value indicating whether the vendor answers nobody without a key.</summary>
    public bool NeedsKey { get; init; }

    /// <summary>Gets the model that answers when the vendor has a key and an agent names no model; null for a vendor that nobody gets unasked.</summary>
    public string? DefaultModelId { get; init; }

    /// <summary>Gets how the vendor differs from the others that speak chat completions.</summary>
    public WireDialect Dialect { get; init; } = WireDialect.Common;

    /// <summary>Gets how the vendor's models are made to answer with an object. Most take a JSON schema; those that do not are named above.</summary>
    public StructuredOutput StructuredOutput { get; init; } = StructuredOutput.Native;

    /// <summary>Gets the setting of the key.</summary>
    public string KeySetting => $"{ModelVendorOptions.SectionName}:{Name}:{nameof(ModelVendorOptions.ApiKey)}";

    /// <summary>Gets the setting of the address.</summary>
    public string BaseUrlSetting => $"{ModelVendorOptions.SectionName}:{Name}:{nameof(ModelVendorOptions.BaseUrl)}";

    /// <summary>Gets the environment variable of the key, for instance <c>OPENAI_API_KEY</c>.</summary>
    public string KeyVariable => VariablePrefix + "_API_KEY";

    /// <summary>Gets the environment variable of the address, for instance <c>OPENAI_BASE_URL</c>.</summary>
    public string BaseUrlVariable => VariablePrefix + "_BASE_URL";

    private string VariablePrefix => string.Concat(Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToUpperInvariant(letter) : '_'));
}

/// <summary>How a vendor differs from the others that speak chat completions.</summary>
internal sealed record WireDialect
{
    /// <summary>Gets what nearly all compatible vendors take.</summary>
    public static WireDialect Common { get; } = new();

    /// <summary>Gets what OpenAI itself takes.</summary>
    public static WireDialect OpenAI { get; } = new() { SystemRole = "developer", MaxTokens = "max_completion_tokens", StrictSchemas = true, TakesVideo = false, TakesTopK = false, ThinksInTags = false };

    /// <summary>Gets what of this counts for Anthropic.</summary>
    public static WireDialect Anthropic { get; } = new() { ThinksInTags = false };

    /// <summary>Gets what DeepSeek takes.</summary>
    public static WireDialect DeepSeek { get; } = new() { ReturnsReasoning = true };

    /// <summary>Gets what Mistral takes.</summary>
    public static WireDialect Mistral { get; } = new() { Seed = "random_seed", StreamOptions = false, ThinksInTags = false, EndsWithUser = true };

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

    /// <summary>Gets a value indicating whether reasoning goes back with the tool calls that it led to; DeepSeek refuses calls without it.</summary>
    public bool ReturnsReasoning { get; init; }

    /// <summary>Gets a value indicating whether models may put their thoughts between tags before the answer: open ones do where the server leaves it to them.</summary>
    public bool ThinksInTags { get; init; } = true;

    /// <summary>Gets a value indicating whether a conversation in chat completions has to end with the user or a tool; a model's own words at the end are refused.</summary>
    public bool EndsWithUser { get; init; }

    /// <summary>Gets a value indicating whether videos can be sent.</summary>
    public bool TakesVideo { get; init; } = true;

    /// <summary>Gets a value indicating whether <c>top_k</c> can be sent.</summary>
    public bool TakesTopK { get; init; } = true;
}
