using System.Collections.Concurrent;
using Cluster.Engine.Errors;

namespace Cluster.Engine.Models;

/// <summary>Finds models by reference.</summary>
/// <param name="providers">The vendors that are known.</param>
public sealed class ModelCatalog(IEnumerable<IModelProvider> providers)
{
    private readonly Dictionary<string, IModelProvider> _providers = providers.ToDictionary(provider => provider.Name, StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ChatModel> _models = new(StringComparer.Ordinal);

    /// <summary>
    /// Gets the model of agents that name none: that of the first vendor that is configured and has a default, else the built-in scripted one.
    /// </summary>
    public string DefaultReference { get; } = providers
        .Where(provider => provider is { IsConfigured: true, DefaultModelId: not null })
        .Select(provider => $"{provider.Name}:{provider.DefaultModelId}")
        .FirstOrDefault(ScriptedModelProvider.DefaultReference);

    /// <summary>Gives the model that an agent names.</summary>
    /// <param name="source">The agent's model; null for <see cref="DefaultReference"/>.</param>
    /// <returns>The model; the same instance for the same reference.</returns>
    /// <exception cref="InvalidRequestException">The reference is malformed, its provider is unknown or not configured.</exception>
    public ChatModel Resolve(ModelSource? source) =>
        source?.Model ?? _models.GetOrAdd(source?.Reference ?? DefaultReference, Create);

    private ChatModel Create(string reference)
    {
        var colon = reference.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == reference.Length - 1)
        {
            throw new InvalidRequestException($"The model '{reference}' is not of the form provider:model, for instance openai:gpt-5-mini.");
        }

        return _providers.TryGetValue(reference[..colon], out var provider)
            ? provider.Create(reference[(colon + 1)..])
            : throw new InvalidRequestException(
                $"The model '{reference}' names the unknown provider '{reference[..colon]}'. Known are: {string.Join(", ", _providers.Keys.Order(StringComparer.Ordinal))}.");
    }
}
