namespace Cluster.Engine.Models;

/// <summary>Makes the models of one vendor. Providers are registered as services and found by the part of a reference before the colon.</summary>
public interface IModelProvider
{
    /// <summary>Gets the name in references, lower case, for instance <c>openai</c>.</summary>
    string Name { get; }

    /// <summary>Gets a value indicating whether everything is there to call the vendor, a key above all.</summary>
    bool IsConfigured { get; }

    /// <summary>Gets the model to use when an agent names none and this vendor is configured; null for a vendor that is never a default.</summary>
    string? DefaultModelId => null;

    /// <summary>Makes a model. Nothing is sent to the vendor yet.</summary>
    /// <param name="modelId">The model's id at the vendor.</param>
    /// <returns>The model.</returns>
    /// <exception cref="Errors.InvalidRequestException">Something is missing, for instance the key; the message names the setting.</exception>
    ChatModel Create(string modelId);
}
