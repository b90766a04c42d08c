using System.Text.Json.Serialization;

namespace Cluster.Engine.Models;

/// <summary>A model call failed. The message is the provider's own; the run ends with it unless it is tried again.</summary>
public sealed class ModelException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What the provider said.</param>
    /// <param name="innerException">The client's own exception; null without one.</param>
    public ModelException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets the kind of failure as run errors name it. The default is <see cref="ProviderError"/>.</summary>
    public string ErrorType { get; init; } = ProviderError;

    /// <summary>Gets the HTTP status that the provider answered with; null when there was no answer.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Gets what kind of failure it is. It decides which fallback models are asked and whether the conversation is shortened.</summary>
    public ModelErrorKind Kind { get; init; }

    /// <summary>The provider failed, refused or was out of reach.</summary>
    public const string ProviderError = "model_provider_error";

    /// <summary>The provider did not accept the key.</summary>
    public const string AuthenticationError = "model_authentication_error";
}

/// <summary>Kinds of failure of a model call.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ModelErrorKind>))]
public enum ModelErrorKind
{
    /// <summary>Anything else, for instance a provider that is out of reach or fails inside.</summary>
    [JsonStringEnumMemberName("error")]
    Error,

    /// <summary>Too many requests, or the provider is overloaded (429, 529).</summary>
    [JsonStringEnumMemberName("rate_limit")]
    RateLimit,

    /// <summary>The conversation does not fit into the model's window.</summary>
    [JsonStringEnumMemberName("context_length")]
    ContextLength,

    /// <summary>The request itself was refused: asking again, or asking another model, gives the same.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,
}
