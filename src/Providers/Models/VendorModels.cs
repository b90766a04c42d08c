using System.Diagnostics.CodeAnalysis;
using Cluster.Engine.Errors;
using Cluster.Engine.Models;
using Microsoft.Extensions.Options;

namespace Cluster.Providers.Models;

/// <summary>Makes vendors' models where there is no server and no dependency injection, for instance in a console program.</summary>
public static class VendorModels
{
    private static readonly VendorHttp Http = new(TimeProvider.System);

    /// <summary>Makes a model. Nothing is sent to the vendor yet.</summary>
    /// <param name="reference">The model, <c>provider:model</c>, for instance <c>openai:gpt-5-mini</c>.</param>
    /// <param name="options">How the vendor is called. Null, and members that are null, for the vendor's environment variables (<c>OPENAI_API_KEY</c>, <c>OPENAI_BASE_URL</c> …) and its usual address.</param>
    /// <returns>The model, to be set as an agent's.</returns>
    /// <exception cref="InvalidRequestException">The reference is malformed, names an unknown vendor, or something is missing, for instance the key.</exception>
    public static ChatModel Create(string reference, ModelVendorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var vendors = ModelVendor.OpenAICompatible.Add(ModelVendor.Anthropic);
        return new ModelCatalog(vendors.Select(vendor => new VendorModelProvider(vendor, Surroundings(vendor, options)))).Resolve(reference);
    }

    [SuppressMessage("ApiDesign", "RS0030:Do not use banned APIs", Justification = "A console program has no configuration that the variables could be read through.")]
    internal static VendorSurroundings Surroundings(ModelVendor vendor, ModelVendorOptions? options)
    {
        var given = options ?? new ModelVendorOptions();
        var filled = new ModelVendorOptions
        {
            ApiKey = given.ApiKey ?? Environment.GetEnvironmentVariable(vendor.KeyVariable),
            BaseUrl = given.BaseUrl ?? Environment.GetEnvironmentVariable(vendor.BaseUrlVariable),
            Retries = given.Retries,
            RetryDelay = given.RetryDelay,
            ExponentialBackoff = given.ExponentialBackoff,
            MaxRetryDelay = given.MaxRetryDelay,
            Timeout = given.Timeout,
            MaxOutputTokens = given.MaxOutputTokens,
            SystemRole = given.SystemRole,
            ReturnReasoning = given.ReturnReasoning,
            StrictSchemas = given.StrictSchemas,
        };
        foreach (var (model, price) in given.Prices)
        {
            filled.Prices[model] = price;
        }

        return new VendorSurroundings(new FixedOptions(filled), Http, TimeProvider.System);
    }

    private sealed class FixedOptions(ModelVendorOptions options) : IOptionsMonitor<ModelVendorOptions>
    {
        public ModelVendorOptions CurrentValue => options;

        public ModelVendorOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<ModelVendorOptions, string?> listener) => null;
    }
}
