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

    /// <summary>Names the model of an agent, also one that cannot be used: that is named by its reference, so that it does not hide the agent.</summary>
    /// <param name="source">The agent's model; null for <see cref="DefaultReference"/>.</param>
    /// <returns>The model's id, the name of its client kind and the display name of its provider.</returns>
    public (string Id, string Name, string Provider) Name(ModelSource? source)
    {
        try
        {
            var model = Resolve(source);
            return (model.Id, model.Name, model.Provider);
        }
        catch (InvalidRequestException)
        {
            var parts = (source?.Reference ?? string.Empty).Split(':', 2);
            return (parts[^1], parts[0], parts[0]);
        }
    }

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
