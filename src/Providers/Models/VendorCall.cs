using System.ClientModel;
using System.Text.Json;
using Anthropic.Exceptions;
using Cluster.Engine.Models;
using Cluster.Providers.Models.Wire;
using Microsoft.Extensions.AI;

namespace Cluster.Providers.Models;

/// <summary>Who is called and with what patience.</summary>
/// <param name="Vendor">The vendor.</param>
/// <param name="ModelId">The model's id at the vendor.</param>
/// <param name="BaseUrl">Where its API is.</param>
/// <param name="ApiKey">The key; empty for none.</param>
/// <param name="Options">How the vendor is called.</param>
internal sealed record VendorCall(ModelVendor Vendor, string ModelId, Uri BaseUrl, string ApiKey, ModelVendorOptions Options)
{
    /// <summary>Keys that are shorter are placeholders; taking them out would garble messages.</summary>
    private const int ShortestSecret = 8;

    /// <summary>Tells what went wrong.</summary>
    /// <param name="failure">What a vendor's library or the connection threw.</param>
    /// <returns>The failure; null for what is no failure of a call, but a bug.</returns>
    public VendorFailure? Understand(Exception failure) => failure switch
    {
        VendorFailure known => known,
        AnthropicSseException stream => VendorFailure.FromStream(JsonIn(stream.Message)),
        JsonException or AnthropicInvalidDataException or InvalidOperationException or ArgumentException or FormatException or KeyNotFoundException => new VendorFailure($"{Vendor.DisplayName} sent something that is no answer.", failure),
        HttpRequestException or IOException or ClientResultException or AnthropicIOException or OperationCanceledException => OutOfReach(failure),
        _ => null,
    };

    /// <summary>Tells that the vendor was given up, whatever its library threw when that happened.</summary>
    public VendorFailure Silence() => new($"{Vendor.DisplayName} said nothing for {Options.Timeout}.") { IsTransient = true };

    /// <summary>Tells whether an answer is one. A refusal in words is; one that the vendor cut or left empty is not, and another model may give it.</summary>
    /// <param name="end">Why the stream ended; null when it did not say.</param>
    /// <param name="hasSaid">Whether there is a text or a tool call.</param>
    /// <returns>The failure; null when the answer stands.</returns>
    public VendorFailure? Judge(ChatFinishReason? end, bool hasSaid) => end is not { } reason
        ? new VendorFailure($"{Vendor.DisplayName} ended the stream before the answer was complete.") { IsTransient = true }
        : FinishReasons.Explain(reason, hasSaid) is var (problem, kind, isTransient) ? new VendorFailure($"{Vendor.DisplayName} {problem}.") { Kind = kind, IsTransient = isTransient }
        : null;

    /// <summary>Turns a failure into what callers know, without the key: some vendors repeat it in their messages.</summary>
    public ModelException ToModelException(VendorFailure failure) => new(Redact(failure.Message), failure.InnerException)
    {
        StatusCode = failure.StatusCode,
        Kind = failure.Kind,
        ErrorType = failure.StatusCode is 401 or 403 ? ModelException.AuthenticationError : ModelException.ProviderError,
    };

    /// <summary>Leaves the key out of texts that others print.</summary>
    public override string ToString() => $"{Vendor.Name}:{ModelId}";

    private VendorFailure OutOfReach(Exception failure) => new(
        $"{Vendor.DisplayName} ({BaseUrl.Authority}) is out of reach: {failure.GetBaseException().Message}", failure)
    {
        IsTransient = true,
    };

    private string Redact(string text) => ApiKey.Length >= ShortestSecret ? text.Replace(ApiKey, "***", StringComparison.Ordinal) : text;

    private static string JsonIn(string text)
    {
        var start = text.IndexOf('{', StringComparison.Ordinal);
        var end = text.LastIndexOf('}');
        return start >= 0 && end > start ? text[start..(end + 1)] : text;
    }
}
