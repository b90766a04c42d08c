using Microsoft.Extensions.AI;

namespace Cluster.Engine.Models;

/// <summary>A model that answers: a client and the names under which it shows in events and in the API.</summary>
public sealed record ChatModel
{
    /// <summary>Gets the model's id at its provider, for instance <c>gpt-5-mini</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the name of the client kind, for instance <c>OpenAIChat</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the provider's display name, for instance <c>OpenAI</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Gets the client that talks to the provider.</summary>
    public required IChatClient Client { get; init; }

    /// <summary>Gets how the model is made to answer with an object. The default is what every model can: it is asked for JSON in the prompt.</summary>
    public StructuredOutput StructuredOutput { get; init; }

    /// <summary>
    /// Gets a value indicating whether the model thinks by itself when it is asked. As a reasoning model it is asked once, and others are led step by step.
    /// </summary>
    public bool Reasons { get; init; }

    /// <summary>Gets what the provider charges; null when nobody said.</summary>
    public ModelPrice? Price { get; init; }

    /// <summary>Wraps any client. Its own metadata names model and provider.</summary>
    /// <param name="client">The client.</param>
    /// <returns>The model.</returns>
    public static ChatModel From(IChatClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        var metadata = client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata;
        var provider = metadata?.ProviderName ?? client.GetType().Name;
        return new ChatModel { Id = metadata?.DefaultModelId ?? provider, Name = provider, Provider = provider, Client = client };
    }
}

/// <summary>How a model is made to answer with an object.</summary>
public enum StructuredOutput
{
    /// <summary>The prompt asks for JSON.</summary>
    Prompt,

    /// <summary>The provider makes sure that the answer is JSON, and the prompt tells the members.</summary>
    JsonMode,

    /// <summary>The provider makes sure that the answer fits the schema.</summary>
    Native,
}

/// <summary>How an agent names its model: by reference (<c>provider:model</c>), or the model itself.</summary>
public sealed record ModelSource
{
    private ModelSource()
    {
    }

    /// <summary>Gets the reference; null when <see cref="Model"/> is given.</summary>
    public string? Reference { get; private init; }

    /// <summary>Gets the model; null when <see cref="Reference"/> is given.</summary>
    public ChatModel? Model { get; private init; }

    /// <summary>Names a model by reference.</summary>
    /// <param name="reference">The reference, <c>provider:model</c>.</param>
    public static implicit operator ModelSource(string reference) => FromString(reference);

    /// <summary>Gives a model.</summary>
    /// <param name="model">The model.</param>
    public static implicit operator ModelSource(ChatModel model) => FromChatModel(model);

    /// <summary>Names a model by reference.</summary>
    /// <param name="reference">The reference, <c>provider:model</c>.</param>
    /// <returns>The source.</returns>
    public static ModelSource FromString(string reference) => new() { Reference = reference };

    /// <summary>Gives a model.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The source.</returns>
    public static ModelSource FromChatModel(ChatModel model) => new() { Model = model };

    /// <summary>Gives a client as the model.</summary>
    /// <param name="client">The client.</param>
    /// <returns>The source.</returns>
    public static ModelSource From(IChatClient client) => new() { Model = ChatModel.From(client) };
}
