using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Cluster.Providers.Models;

/// <summary>Makes the models of one vendor, as configuration says when the model is made.</summary>
/// <param name="vendor">The vendor.</param>
/// <param name="surroundings">What all vendors share.</param>
internal sealed class VendorModelProvider(ModelVendor vendor, VendorSurroundings surroundings) : IModelProvider
{
    /// <inheritdoc/>
    public string Name => vendor.Name;

    /// <inheritdoc/>
    public string? DefaultModelId => vendor.DefaultModelId;

    /// <inheritdoc/>
    public bool IsConfigured
    {
        get
        {
            var options = surroundings.Options.Get(vendor.Name);
            return BaseUrl(options) is not null && (!vendor.NeedsKey || Key(options).Length > 0);
        }
    }

    /// <inheritdoc/>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client belongs to whoever asked for the model.")]
    public ChatModel Create(string modelId)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelId);
        var call = NewCall(modelId);
        var client = new VendorChatClient(CreateClient(call), call, surroundings.TimeProvider, surroundings.Logger);
        return new ChatModel
        {
            Id = modelId,
            Name = vendor.ClientName,
            Provider = vendor.DisplayName,
            StructuredOutput = vendor.StructuredOutput,
            Reasons = ReasoningModels.Contains(vendor, modelId),
            Price = CheckedPrice(call.Options, modelId),
            Client = call.Vendor.Dialect.ThinksInTags ? new ThinkTagChatClient(client) : client,
        };
    }

    /// <summary>Tells how a model of the vendor is called.</summary>
    /// <exception cref="InvalidRequestException">Something is missing, for instance the key.</exception>
    internal VendorCall NewCall(string modelId)
    {
        var options = surroundings.Options.Get(vendor.Name);
        var baseUrl = CheckedBaseUrl(options);
        return new VendorCall(vendor with { Dialect = vendor.DialectAt(baseUrl, options) }, modelId, baseUrl, CheckedKey(options), options);
    }

    private ModelPrice? CheckedPrice(ModelVendorOptions options, string modelId) => options.Prices.GetValueOrDefault(modelId) is not { } price ? null
        : price is { Input: >= 0, Output: >= 0, CacheRead: null or >= 0, CacheWrite: null or >= 0 } ? price
        : throw new InvalidRequestException($"A price of {vendor.DisplayName}'s model '{modelId}' is below zero. Correct {ModelVendorOptions.SectionName}:{vendor.Name}:{nameof(ModelVendorOptions.Prices)}:{modelId}.");

    private IChatClient CreateClient(VendorCall call) =>
        vendor == ModelVendor.Anthropic ? new ClaudeChatClient(call, surroundings.Http, surroundings.Logger) : new OpenAIChatClient(call, surroundings.Http);

    private Uri CheckedBaseUrl(ModelVendorOptions options)
    {
        var text = BaseUrl(options) ?? throw new InvalidRequestException(
            $"The address of {vendor.DisplayName} is not known. Set {vendor.BaseUrlSetting} or the environment variable {vendor.BaseUrlVariable}.");
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new InvalidRequestException(
                $"The address of {vendor.DisplayName} is no HTTP address. Correct {vendor.BaseUrlSetting} or the environment variable {vendor.BaseUrlVariable}.");
    }

    private string CheckedKey(ModelVendorOptions options)
    {
        var key = Key(options);
        if (key.Length == 0 && vendor.NeedsKey)
        {
            throw new InvalidRequestException(
                $"{vendor.DisplayName} needs a key. Set {vendor.KeySetting} or the environment variable {vendor.KeyVariable}.");
        }

        // A key that fits no header would be quoted in the exception of whoever sends it.
        return key.All(letter => letter is > ' ' and <= '~')
            ? key
            : throw new InvalidRequestException(
                $"The key of {vendor.DisplayName} has characters that no key has. Correct {vendor.KeySetting} or the environment variable {vendor.KeyVariable}.");
    }

    private string? BaseUrl(ModelVendorOptions options) =>
        FirstText(options.BaseUrl, surroundings.Configuration?[vendor.BaseUrlVariable], vendor.BaseUrl);

    private string Key(ModelVendorOptions options) =>
        FirstText(options.ApiKey, surroundings.Configuration?[vendor.KeyVariable]) ?? string.Empty;

    private static string? FirstText(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                return text.Trim();
            }
        }

        return null;
    }
}

/// <summary>What all vendors share.</summary>
/// <param name="options">How each vendor is called, by its name.</param>
/// <param name="http">The connections.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="loggers">Where retries are noted; null for nowhere.</param>
/// <param name="configuration">Where the environment variables are; null without configuration.</param>
internal sealed class VendorSurroundings(
    IOptionsMonitor<ModelVendorOptions> options,
    VendorHttp http,
    TimeProvider timeProvider,
    ILoggerFactory? loggers = null,
    IConfiguration? configuration = null)
{
    public IOptionsMonitor<ModelVendorOptions> Options { get; } = options;

    public VendorHttp Http { get; } = http;

    public TimeProvider TimeProvider { get; } = timeProvider;

    public ILogger Logger { get; } = (loggers ?? NullLoggerFactory.Instance).CreateLogger<VendorChatClient>();

    public IConfiguration? Configuration { get; } = configuration;
}
