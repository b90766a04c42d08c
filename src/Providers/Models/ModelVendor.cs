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
        new("openrouter", "OpenRouter", "https://openrouter.ai/api/v1") { NeedsKey = true, Dialect = WireDialect.Custom },
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

    /// <summary>Tells how the vendor is spoken to at an address: behind another one may be another vendor, or a server that took over less.</summary>
    /// <param name="baseUrl">The address.</param>
    /// <param name="options">What is configured of it.</param>
    public WireDialect DialectAt(Uri baseUrl, ModelVendorOptions options)
    {
        var dialect = Dialect;
        if (Name == "openai" || BaseUrl is null)
        {
            dialect = WireDialect.Find(Name, baseUrl) ?? dialect with { SystemRole = "system", ReturnsExtras = true };
        }

        return dialect with
        {
            SystemRole = options.SystemRole ?? dialect.SystemRole,
            ReturnsReasoning = options.ReturnReasoning ?? dialect.ReturnsReasoning,
            StrictSchemas = options.StrictSchemas ?? dialect.StrictSchemas,
        };
    }

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
