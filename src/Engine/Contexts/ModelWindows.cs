namespace Cluster.Engine.Contexts;

/// <summary>How many tokens fit into the windows of known models, answer included, as the vendors published it.</summary>
public static class ModelWindows
{
    /// <summary>What is taken for a model that is not known.</summary>
    public const int Unknown = 128_000;

    // The first prefix that fits counts: exceptions stand before their family.
    private static readonly (string Prefix, int Tokens)[] Known =
    [
        ("gpt-5-chat", 128_000), ("gpt-5", 400_000), ("gpt-4.1", 1_047_576), ("gpt-4.5", 128_000), ("gpt-4o", 128_000), ("chatgpt-4o", 128_000),
        ("gpt-4-turbo", 128_000), ("gpt-4-1106", 128_000), ("gpt-4-0125", 128_000), ("gpt-4-32k", 32_768), ("gpt-4", 8_192),
        ("gpt-3.5-turbo-instruct", 4_096), ("gpt-3.5", 16_385), ("gpt-oss", 131_072),
        ("o1-mini", 128_000), ("o1-preview", 128_000), ("o1", 200_000), ("o3", 200_000), ("o4-mini", 200_000),
        ("claude-2.0", 100_000), ("claude-instant", 100_000), ("claude", 200_000),
        ("gemini-1.5-pro", 2_097_152), ("gemini-1.0", 32_760), ("gemini", 1_048_576), ("gemma-3", 131_072), ("gemma3", 131_072), ("gemma", 8_192),
        ("llama-4-scout", 10_000_000), ("llama-4", 1_000_000), ("llama4", 1_000_000), ("llama-3.1", 131_072), ("llama-3.2", 131_072), ("llama-3.3", 131_072),
        ("llama3.1", 131_072), ("llama3.2", 131_072), ("llama3.3", 131_072), ("llama-3", 8_192), ("llama3", 8_192), ("llama2", 4_096), ("llama-2", 4_096),
        ("mixtral-8x22b", 65_536), ("mixtral", 32_768), ("mistral-7b", 32_768), ("mistral", 131_072), ("magistral", 40_960), ("codestral", 262_144),
        ("ministral", 131_072), ("qwen3-coder", 262_144), ("qwen3", 40_960), ("qwen2.5", 32_768), ("qwen", 32_768),
        ("deepseek", 131_072), ("grok-4-fast", 2_000_000), ("grok-4", 262_144), ("grok", 131_072), ("kimi-k2", 131_072), ("command-a", 262_144), ("command-r", 128_000),
        ("phi-4", 16_384), ("phi3", 131_072), ("phi-3", 131_072), ("sonar", 127_072),
    ];

    /// <summary>Gives the window of a model.</summary>
    /// <param name="modelId">The model's id; what stands before the last slash is left out, as routers write it.</param>
    /// <returns>The tokens; <see cref="Unknown"/> for a model that is not known.</returns>
    public static int Of(string modelId)
    {
        var id = BareId(modelId);
        return Known.FirstOrDefault(model => id.StartsWith(model.Prefix, StringComparison.OrdinalIgnoreCase)) is { Tokens: > 0 } known ? known.Tokens : Unknown;
    }

    /// <summary>Gives a model's id without what routers and clouds put in front of it.</summary>
    internal static string BareId(string modelId)
    {
        ArgumentNullException.ThrowIfNull(modelId);
        var id = modelId[(modelId.LastIndexOf('/') + 1)..];

        // Amazon Bedrock writes us.anthropic.claude-…; other ids have dots behind their family's name only.
        var vendor = id.IndexOf("anthropic.", StringComparison.OrdinalIgnoreCase);
        return vendor < 0 ? id : id[(vendor + "anthropic.".Length)..];
    }
}
