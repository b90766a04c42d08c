using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Models;
using Microsoft.Extensions.Options;

namespace Cluster.Providers.Models;

/// <summary>
/// How one vendor is called, bound from the section <c>Models:&lt;vendor&gt;</c>. A vendor that is not built in needs nothing but such a section
/// with a <see cref="BaseUrl"/> that speaks OpenAI's chat completions.
/// </summary>
public sealed class ModelVendorOptions
{
    /// <summary>The configuration section that holds a section per vendor.</summary>
    public const string SectionName = "Models";

    /// <summary>Gets or sets where the API is. Null for the variable <c>&lt;VENDOR&gt;_BASE_URL</c>, else the vendor's usual address.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>Gets or sets the key. Null for the variable <c>&lt;VENDOR&gt;_API_KEY</c>. It is never logged.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets how often a call is tried again when the vendor is busy (429), fails (5xx) or is out of reach. The default is 2.</summary>
    [Range(0, 100)]
    public int Retries { get; set; } = 2;

    /// <summary>Gets or sets the pause before a retry, unless the vendor names one. The default is one second.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets a value indicating whether the pause doubles each time. The default is true.</summary>
    public bool ExponentialBackoff { get; set; } = true;

    /// <summary>Gets or sets the longest pause. A vendor that asks for a longer one is not tried again. The default is one minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Gets or sets how long a vendor may say nothing, before the first word and between words. The default is ten minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets or sets how many tokens an answer may have when the agent sets no bound. Null for the vendor's default, for Anthropic 8,192.</summary>
    [Range(1, 10_000_000)]
    public int? MaxOutputTokens { get; set; }

    /// <summary>Gets or sets the role of system messages. Null for <c>developer</c> at OpenAI's own address, else <c>system</c>.</summary>
    [RegularExpression("^(system|developer|user)$", ErrorMessage = "SystemRole is system, developer or user.")]
    public string? SystemRole { get; set; }

    /// <summary>Gets or sets when the thoughts of a model go back to it as <c>reasoning_content</c>. Null for what is known of the vendor.</summary>
    public ReasoningReturn? ReturnReasoning { get; set; }

    /// <summary>Gets or sets a value indicating whether output schemas are enforced to the letter (<c>strict</c>) as far as they can be. Null for what is known of the vendor.</summary>
    public bool? StrictSchemas { get; set; }

    /// <summary>Gets what the vendor charges by model, in US dollars for a million tokens; runs of other models have no cost. The default is empty.</summary>
    public Dictionary<string, ModelPrice> Prices { get; } = new(StringComparer.OrdinalIgnoreCase);
}

/// <summary>When the thoughts of a model go back to it.</summary>
public enum ReasoningReturn
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>With the tool calls that they led to, empty ones too.</summary>
    WithToolCalls,

    /// <summary>With every message that had some, and with every tool call.</summary>
    Always,
}

/// <summary>Checks <see cref="ModelVendorOptions"/>.</summary>
[OptionsValidator]
[SuppressMessage("Maintainability", "CA1505:Avoid unmaintainable code", Justification = "Its code is generated.")]
internal sealed partial class ModelVendorOptionsValidator : IValidateOptions<ModelVendorOptions>;
